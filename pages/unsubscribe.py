"""/u/{token}: GET asks, POST unsubscribes; a mail client's one-click POST (RFC 8058) too."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from delivery.links import Links, Purpose
from models.clock import clock
from models.commands import answers
from models.connection import WORK, transaction
from pages.page import Visit, message, show, visit
from pages.trouble import Report, kindly


def routes(links: Links, report: Report) -> list[BaseRoute]:
    """Scanners fetch every address of a mail, so GET changes nothing. The link says all that a POST needs: whatever a
    mail client puts into the form, and however much, it is not read."""

    async def page(request: Request) -> Response:
        seen = await visit(request, links, Purpose.UNSUBSCRIBE)
        if isinstance(seen, Response):
            return seen
        if request.method == "POST":
            async with transaction(WORK) as tx:
                await answers.unsubscribe(tx, seen.invited.message_id, clock.now())
        elif not seen.invited.unsubscribed:
            return _question(seen)
        return message("unsubscribed", seen.language, location=seen.invited.location_name)

    return [Route("/u/{token}", kindly(page, report), methods=["GET", "POST"])]


def _question(seen: Visit) -> Response:
    return show("unsubscribe.html", title=seen.say("unsubscribe"), say=seen.say, language=seen.language)
