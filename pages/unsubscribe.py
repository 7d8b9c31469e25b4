"""/u/{token}: GET asks, POST unsubscribes; a mail client's one-click POST (RFC 8058) too."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from delivery.links import Links, Purpose
from models import answers
from models.clock import clock
from models.connection import WORK, transaction
from pages.page import form, show, too_long, visit


def routes(links: Links) -> list[BaseRoute]:
    """Scanners fetch every address of a mail, so GET changes nothing."""

    async def ask(request: Request) -> Response:
        seen = await visit(request, links, Purpose.UNSUBSCRIBE)
        if isinstance(seen, Response):
            return seen
        said = {
            key: text.format(location=seen.invited.location_name, name="", score="") for key, text in seen.words.items()
        }
        if seen.invited.unsubscribed:
            return show(
                "message.html", title=said["unsubscribed"], text=said["unsubscribed_more"], language=seen.language
            )
        return show("unsubscribe.html", title=said["unsubscribe"], words=said, language=seen.language)

    async def act(request: Request) -> Response:
        seen = await visit(request, links, Purpose.UNSUBSCRIBE)
        if isinstance(seen, Response):
            return seen
        if await form(request) is None:
            return too_long(seen.language)
        async with transaction(WORK) as tx:
            await answers.unsubscribe(tx, seen.invited.message_id, clock.now())
        said = seen.words["unsubscribed_more"].format(location=seen.invited.location_name)
        return show("message.html", title=seen.words["unsubscribed"], text=said, language=seen.language)

    return [Route("/u/{token}", ask, methods=["GET"]), Route("/u/{token}", act, methods=["POST"])]
