"""/o/{token}.gif: the pixel that tracks whether an e-mail was opened."""

import base64

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from delivery.links import Links, Purpose
from models.clock import clock
from models.commands import answers
from models.connection import WORK, pool, transaction
from models.rules import machine
from models.rules.machine import Target
from pages.errors import Report
from pages.page import evidence

_PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
_HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}


def routes(links: Links, report: Report) -> list[BaseRoute]:
    """Always returns the pixel, so that the response does not reveal whether the link is valid."""

    async def pixel(request: Request) -> Response:
        try:
            if request.method == "GET":
                await _record_open(request, links)
        except Exception as error:  # noqa: BLE001 - reported, and the pixel is returned anyway
            report(error)
        return Response(_PIXEL, media_type="image/gif", headers=_HEADERS)

    return [Route("/o/{token}.gif", pixel, methods=["GET"])]


async def _record_open(request: Request, links: Links) -> None:
    now = clock.now()
    link = links.signer.read(Purpose.OPENED, request.path_params["token"], now)
    invited = await answers.invited(pool(WORK), link.message_id) if link and not link.expired else None
    if invited is None:
        return
    kind = machine.verdict(evidence(request, Target.PIXEL, invited, now))
    async with transaction(WORK) as tx:
        await answers.opened(tx, invited.message_id, kind, now)
