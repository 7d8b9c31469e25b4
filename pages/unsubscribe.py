"""/u/{token}: GET asks for confirmation; POST unsubscribes, including a mail client's one-click POST (RFC 8058). A POST to
/u/{token}/undo takes that back."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from delivery.links import Links, Purpose
from models.clock import clock
from models.commands import answers
from models.commands.resubscribe import is_undoable, resubscribe
from models.connection import WORK, pool, transaction
from models.rules import machine
from pages.errors import Report, with_error_page
from pages.page import Visit, find_visit, render_visit


def routes(links: Links, report: Report) -> list[BaseRoute]:
    """Scanners fetch every link in an e-mail, so GET changes nothing. A POST needs only the link; its body, which mail
    clients fill differently, is never read. So undoing has a path of its own."""

    async def page(request: Request) -> Response:
        visit = await find_visit(request, links, Purpose.UNSUBSCRIBE)
        if isinstance(visit, Response):
            return visit
        if request.method == "POST":
            async with transaction(WORK) as tx:
                await answers.unsubscribe(tx, visit.invited.message_id, clock.now())
            return _unsubscribed(request, await _again(visit))
        if not machine.is_declared(request.headers.items()):
            async with transaction(WORK) as tx:
                await answers.unsubscribe_seen(tx, visit.invited.message_id, clock.now())
        return _unsubscribed(request, visit) if visit.invited.unsubscribed else _confirmation(request, visit)

    async def undo(request: Request) -> Response:
        visit = await find_visit(request, links, Purpose.UNSUBSCRIBE)
        if isinstance(visit, Response):
            return visit
        if request.method != "POST":
            return RedirectResponse(_address(request), 303)
        async with transaction(WORK) as tx:
            await resubscribe(tx, visit.invited.message_id, clock.now())
        visit = await _again(visit)
        if visit.invited.unsubscribed:
            return _unsubscribed(request, visit, 409, visit.texts.undo_late)
        return RedirectResponse(f"{_address(request)}?undone", 303)

    return [
        Route("/u/{token}", with_error_page(page, report), methods=["GET", "POST"]),
        Route("/u/{token}/undo", with_error_page(undo, report), methods=["GET", "POST"]),
    ]


async def _again(visit: Visit) -> Visit:
    """The visit with what has changed."""
    return Visit(await answers.invited(pool(WORK), visit.invited.message_id) or visit.invited, visit.language)


def _unsubscribed(request: Request, visit: Visit, status: int = 200, notice: str = "") -> Response:
    return render_visit(
        "unsubscribed.html",
        visit,
        visit.texts.unsubscribed.title,
        status,
        notice=visit.say(notice),
        undoable=not notice and is_undoable(visit.invited.unsubscribed_here_at, clock.now()),
        address=_address(request),
    )


def _confirmation(request: Request, visit: Visit) -> Response:
    undone = "undone" in request.query_params
    return render_visit("unsubscribe.html", visit, visit.texts.unsubscribe, undone=undone, address=_address(request))


def _address(request: Request) -> str:
    return f"/u/{request.path_params['token']}"
