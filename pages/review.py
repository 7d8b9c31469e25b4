"""/r/{token}: a score by a single tap, the same platforms for every score, and a private note. Works without JavaScript."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from delivery.links import Links, Purpose
from models.clock import clock
from models.commands import answers
from models.connection import WORK, transaction
from models.rules import machine
from models.rules.machine import Target
from pages.errors import Report, with_error_page
from pages.page import Visit, evidence, find_visit, form, render_visit

SCORES = {str(score): score for score in range(11)}


def routes(links: Links, report: Report) -> list[BaseRoute]:
    """GET shows the page; POST submits one of its forms."""

    async def page(request: Request) -> Response:
        visit = await find_visit(request, links, Purpose.REVIEW)
        if isinstance(visit, Response):
            return visit
        if request.method == "POST":
            return await _submit(request, visit)
        if request.method == "GET" and "thanks" not in request.query_params:
            await _record_click(request, visit)
        return _page(request, visit)

    return [Route("/r/{token}", with_error_page(page, report), methods=["GET", "POST"])]


async def _record_click(request: Request, visit: Visit) -> None:
    now = clock.now()
    kind = machine.verdict(evidence(request, Target.REVIEW, visit.invited, now))
    async with transaction(WORK) as tx:
        await answers.clicked(tx, visit.invited.message_id, kind, now)


async def _submit(request: Request, visit: Visit) -> Response:
    fields = await form(request, visit.language)
    if isinstance(fields, Response):
        return fields
    try:
        return await _answer(request, visit, fields)
    except answers.TooManyAnswersError:
        return _page(request, visit, 429, notice=visit.texts.enough)


async def _answer(request: Request, visit: Visit, fields: dict[str, str]) -> Response:
    """Stores a platform choice, a note or a score, depending on the form."""
    message_id, now = visit.invited.message_id, clock.now()
    if "platform" in fields:
        async with transaction(WORK) as tx:
            url = await answers.choose(tx, message_id, fields["platform"], now)
        return RedirectResponse(url, 303) if url else _page(request, visit, 404, notice=visit.texts.no_platform)
    if "note" in fields:
        if not fields["note"].strip():
            return _page(request, visit, 422, notice=visit.texts.no_note)
        async with transaction(WORK) as tx:
            await answers.note(tx, message_id, fields["note"], now)
        return _redirect_back(request, "thanks=note")
    score = SCORES.get(fields.get("score", ""))
    if score is None:
        return _page(request, visit, 422, notice=visit.texts.no_score)
    async with transaction(WORK) as tx:
        await answers.score(tx, message_id, score, now)
    return _redirect_back(request, "thanks=score")


def _redirect_back(request: Request, query: str) -> Response:
    """Redirects to the page, so that a reload does not submit again; `query` keeps it from counting as a click."""
    return RedirectResponse(f"/r/{request.path_params['token']}?{query}", 303)


def _page(request: Request, visit: Visit, status: int = 200, notice: str | None = None) -> Response:
    """The page with a notice; by default, thanks after our own redirect."""
    invited, thanks = visit.invited, request.query_params.get("thanks")
    texts = visit.texts
    if notice is None and thanks == "note":
        notice = texts.thanks_note
    if notice is None and thanks == "score" and invited.nps_score is not None:
        notice = texts.thanks_score
    return render_visit(
        "review.html",
        visit,
        texts.hello if invited.first_name else texts.hello_no_name,
        status,
        notice=visit.say(notice) if notice else "",
        score=invited.nps_score,
        platforms=invited.platforms,
    )
