"""What all pages share: the link that led here, the language, the headers, and forms of a bounded size."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import parse_qs

from jinja2 import DictLoader, Environment, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from delivery.links import Links, Purpose
from models import answers
from models.answers import Invited
from models.clock import clock
from models.connection import WORK, pool
from pages.words import WORDS

MOST_BYTES = 16_000
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self' https:; base-uri 'none'; "
    "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
}


@dataclass(frozen=True, slots=True)
class Visit:
    """A request by a good link: whom it was sent to."""

    invited: Invited
    words: dict[str, str]
    language: str


@cache
def _templates() -> Environment:
    folder = files("pages").joinpath("templates")
    sources = {file.name: file.read_text("utf-8") for file in folder.iterdir() if file.name.endswith(".html")}
    return Environment(loader=DictLoader(sources), autoescape=True, undefined=StrictUndefined)


def show(name: str, status: int = 200, **values: Any) -> Response:
    """A page of `pages/templates`."""
    body = _templates().get_template(name).render(**values)
    return HTMLResponse(body, status, headers=_HEADERS)


async def visit(request: Request, links: Links, purpose: Purpose) -> Visit | Response:
    """Who came by this link; or the page to show instead: 404 for a forged one, 410 for one whose time is over."""
    link = links.signer.read(purpose, request.path_params["token"], clock.now())
    invited = await answers.invited(pool(WORK), link.message_id) if link else None
    language = language_of(request, invited.language if invited else None)
    words = WORDS[language]
    if link is None or invited is None:
        return show("message.html", 404, title=words["unknown"], text=words["unknown_more"], language=language)
    if link.expired:
        return show("message.html", 410, title=words["expired"], text=words["expired_more"], language=language)
    return Visit(invited, words, language)


def language_of(request: Request, location: str | None) -> str:
    """The browser's wish if we speak it, else the location's, else English."""
    wishes = [
        part.partition(";")[0].strip()[:2].lower() for part in request.headers.get("accept-language", "").split(",")
    ]
    for wish in [*wishes, (location or "")[:2]]:
        if wish in WORDS:
            return wish
    return "en"


async def form(request: Request) -> dict[str, str] | None:
    """The fields of a posted form; None when it is too long. Read before any parser sees it."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > MOST_BYTES:
            return None
    fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=20)
    return {name: values[-1] for name, values in fields.items()}


def too_long(language: str) -> Response:
    words = WORDS[language]
    return show("message.html", 413, title=words["too_long"], text=words["too_long_more"], language=language)
