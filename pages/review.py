"""/r/{token}: a score, the same platforms for every score, and a private note in addition; works without scripts."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from delivery.links import Links, Purpose
from models import answers, machine
from models.clock import clock
from models.connection import WORK, transaction
from pages.page import Visit, form, show, too_long, visit


def routes(links: Links) -> list[BaseRoute]:
    """GET shows, POST acts."""

    async def page(request: Request) -> Response:
        seen = await visit(request, links, Purpose.REVIEW)
        if isinstance(seen, Response):
            return seen
        if request.method == "GET":
            await _clicked(request, seen)
        return _page(request, seen)

    async def act(request: Request) -> Response:
        seen = await visit(request, links, Purpose.REVIEW)
        if isinstance(seen, Response):
            return seen
        fields = await form(request)
        if fields is None:
            return too_long(seen.language)
        return await _act(request, seen, fields)

    return [Route("/r/{token}", page, methods=["GET"]), Route("/r/{token}", act, methods=["POST"])]


async def _clicked(request: Request, seen: Visit) -> None:
    now = clock.now()
    kind = machine.actor_of(request.headers.get("user-agent"), seen.invited.sent_at, now)
    async with transaction(WORK) as tx:
        await answers.clicked(tx, seen.invited.message_id, kind, now)


async def _act(request: Request, seen: Visit, fields: dict[str, str]) -> Response:
    """One of: platform, score, note; by the button that was pressed."""
    key, now = seen.invited.message_id, clock.now()
    if "platform" in fields:
        async with transaction(WORK) as tx:
            url = await answers.choose(tx, key, fields["platform"], now)
        return RedirectResponse(url, 303) if url else _page(request, seen, 404)
    if "note" in fields:
        async with transaction(WORK) as tx:
            await answers.note(tx, key, fields["note"], now)
        return _back(request, "thanks=note")
    score = fields.get("score", "")
    if not (score.isascii() and score.isdigit() and 0 <= int(score[:3]) <= 10):
        return _page(request, seen, 422, notice=seen.words["no_score"])
    async with transaction(WORK) as tx:
        await answers.score(tx, key, int(score), now)
    return _back(request, "thanks=score")


def _back(request: Request, query: str) -> Response:
    """To the page itself, so that a reload sends nothing twice."""
    return RedirectResponse(f"/r/{request.path_params['token']}?{query}", 303)


def _page(request: Request, seen: Visit, status: int = 200, notice: str = "") -> Response:
    invited, words = seen.invited, seen.words
    thanks = request.query_params.get("thanks")
    if thanks == "note":
        notice = words["thanks_note"]
    elif thanks == "score" and invited.nps_score is not None:
        notice = words["thanks_score"]
    names = {"name": invited.first_name or "", "location": invited.location_name, "score": invited.nps_score}
    said = {key: text.format(**names) for key, text in words.items()}
    return show(
        "review.html",
        status,
        language=seen.language,
        words=said,
        title=said["hello"] if invited.first_name else said["hello_nobody"],
        notice=notice.format(**names),
        score=invited.nps_score,
        platforms=invited.platforms,
    )
