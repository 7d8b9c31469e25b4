"""/u/{token}: GET asks for confirmation; POST unsubscribes, including a mail client's one-click POST (RFC 8058)."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from delivery.links import Links, Purpose
from models.clock import clock
from models.commands import answers
from models.connection import WORK, transaction
from pages.errors import Report, with_error_page
from pages.page import Visit, find_visit, message, render


def routes(links: Links, report: Report) -> list[BaseRoute]:
    """Scanners fetch every link in an e-mail, so GET changes nothing. A POST needs only the link; its body, which mail
    clients fill differently, is never read."""

    async def page(request: Request) -> Response:
        visit = await find_visit(request, links, Purpose.UNSUBSCRIBE)
        if isinstance(visit, Response):
            return visit
        if request.method == "POST":
            async with transaction(WORK) as tx:
                await answers.unsubscribe(tx, visit.invited.message_id, clock.now())
            return message(visit.texts.unsubscribed, visit.language, location=visit.invited.location_name)
        async with transaction(WORK) as tx:
            await answers.unsubscribe_seen(tx, visit.invited.message_id, clock.now())
        if not visit.invited.unsubscribed:
            return _confirmation(visit)
        return message(visit.texts.unsubscribed, visit.language, location=visit.invited.location_name)

    return [Route("/u/{token}", with_error_page(page, report), methods=["GET", "POST"])]


def _confirmation(visit: Visit) -> Response:
    return render("unsubscribe.html", visit.language, title=visit.say(visit.texts.unsubscribe), say=visit.say)
