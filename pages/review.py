"""/r/{token}: a score, the same platforms for every score, and a private note in addition; works without scripts."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from delivery.links import Links, Purpose
from models.clock import clock
from models.commands import answers
from models.connection import WORK, transaction
from models.rules import machine
from pages.page import Visit, form, show, visit
from pages.trouble import Report, kindly

SCORES = {str(score): score for score in range(11)}


def routes(links: Links, report: Report) -> list[BaseRoute]:
    """GET shows, POST acts."""

    async def page(request: Request) -> Response:
        seen = await visit(request, links, Purpose.REVIEW)
        if isinstance(seen, Response):
            return seen
        if request.method == "POST":
            return await _posted(request, seen)
        if request.method == "GET" and "thanks" not in request.query_params:
            await _clicked(request, seen)
        return _page(request, seen)

    return [Route("/r/{token}", kindly(page, report), methods=["GET", "POST"])]


async def _clicked(request: Request, seen: Visit) -> None:
    now = clock.now()
    kind = machine.actor_of(request.headers.get("user-agent"), seen.invited.sent_at, now)
    async with transaction(WORK) as tx:
        await answers.clicked(tx, seen.invited.message_id, kind, now)


async def _posted(request: Request, seen: Visit) -> Response:
    fields = await form(request, seen.language)
    if isinstance(fields, Response):
        return fields
    try:
        return await _act(request, seen, fields)
    except answers.TooManyAnswersError:
        return _page(request, seen, 429, notice="enough")


async def _act(request: Request, seen: Visit, fields: dict[str, str]) -> Response:
    """One of: platform, score, note; by the button that was pressed."""
    key, now = seen.invited.message_id, clock.now()
    if "platform" in fields:
        async with transaction(WORK) as tx:
            url = await answers.choose(tx, key, fields["platform"], now)
        return RedirectResponse(url, 303) if url else _page(request, seen, 404, notice="no_platform")
    if "note" in fields:
        if not fields["note"].strip():
            return _page(request, seen, 422, notice="no_note")
        async with transaction(WORK) as tx:
            await answers.note(tx, key, fields["note"], now)
        return _back(request, "thanks=note")
    score = SCORES.get(fields.get("score", ""))
    if score is None:
        return _page(request, seen, 422, notice="no_score")
    async with transaction(WORK) as tx:
        await answers.score(tx, key, score, now)
    return _back(request, "thanks=score")


def _back(request: Request, query: str) -> Response:
    """To the page itself, so that a reload sends nothing twice; what it says there makes it no further click."""
    return RedirectResponse(f"/r/{request.path_params['token']}?{query}", 303)


def _page(request: Request, seen: Visit, status: int = 200, notice: str | None = None) -> Response:
    """With a notice from `words.py`; without one, thanks for what led here by our own redirect."""
    invited, thanks = seen.invited, request.query_params.get("thanks")
    if notice is None and (thanks == "note" or (thanks == "score" and invited.nps_score is not None)):
        notice = f"thanks_{thanks}"
    return show(
        "review.html",
        status,
        language=seen.language,
        say=seen.say,
        title=seen.say("hello" if invited.first_name else "hello_nobody"),
        notice=seen.say(notice) if notice else "",
        score=invited.nps_score,
        platforms=invited.platforms,
    )
