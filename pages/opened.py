"""/o/{token}.gif: the picture of one pixel that tells of an opened mail."""

import base64

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from delivery.links import Links, Purpose
from models import answers, machine
from models.clock import clock
from models.connection import WORK, pool, transaction

_PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
_HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}


def routes(links: Links) -> list[BaseRoute]:
    """Always the picture: a broken one would tell more than it should."""

    async def picture(request: Request) -> Response:
        link = links.signer.read(Purpose.OPENED, request.path_params["token"], clock.now())
        invited = await answers.invited(pool(WORK), link.message_id) if link and not link.expired else None
        if invited is not None and request.method == "GET":
            now = clock.now()
            kind = machine.actor_of(request.headers.get("user-agent"), invited.sent_at, now)
            async with transaction(WORK) as tx:
                await answers.opened(tx, invited.message_id, kind, now)
        return Response(_PIXEL, media_type="image/gif", headers=_HEADERS)

    return [Route("/o/{token}.gif", picture, methods=["GET"])]
