"""/o/{token}.gif: the picture of one pixel that tells of an opened mail."""

import base64

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from delivery.links import Links, Purpose
from models.clock import clock
from models.commands import answers
from models.connection import WORK, pool, transaction
from models.rules import machine
from pages.trouble import Report

_PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
_HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}


def routes(links: Links, report: Report) -> list[BaseRoute]:
    """Always the picture: a broken one would tell more than it should."""

    async def picture(request: Request) -> Response:
        try:
            if request.method == "GET":
                await _opened(request, links)
        except Exception as error:  # noqa: BLE001 - reported, and whatever it is, the picture comes
            report(error)
        return Response(_PIXEL, media_type="image/gif", headers=_HEADERS)

    return [Route("/o/{token}.gif", picture, methods=["GET"])]


async def _opened(request: Request, links: Links) -> None:
    now = clock.now()
    link = links.signer.read(Purpose.OPENED, request.path_params["token"], now)
    invited = await answers.invited(pool(WORK), link.message_id) if link and not link.expired else None
    if invited is None:
        return
    kind = machine.actor_of(request.headers.get("user-agent"), invited.sent_at, now)
    async with transaction(WORK) as tx:
        await answers.opened(tx, invited.message_id, kind, now)
