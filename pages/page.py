"""What all pages share: the link that led here, the language, the headers, and forms of a bounded size."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import parse_qs

from jinja2 import DictLoader, Environment, StrictUndefined
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response

from delivery.links import Links, Purpose
from models.clock import clock
from models.commands import answers
from models.commands.answers import Invited
from models.connection import WORK, pool
from pages.words import WORDS
from wire.body import BodyLimits, BodyTooLargeError, BodyTooSlowError, whole_body
from wire.preferences import preferences

FORM = BodyLimits(50_000, seconds=15.0)
"""A note of 5,000 characters has up to nine bytes in a form for each."""
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
    language: str

    def say(self, key: str) -> str:
        """In their language, and with their names in it."""
        who = self.invited
        return WORDS[self.language][key].format(name=who.first_name, location=who.location_name, score=who.nps_score)


@cache
def _templates() -> Environment:
    folder = files("pages").joinpath("templates")
    sources = {file.name: file.read_text("utf-8") for file in folder.iterdir() if file.name.endswith(".html")}
    return Environment(loader=DictLoader(sources), autoescape=True, undefined=StrictUndefined)


def show(name: str, status: int = 200, **values: Any) -> Response:
    """A page of `pages/templates`."""
    body = _templates().get_template(name).render(**values)
    return HTMLResponse(body, status, headers=_HEADERS)


def message(key: str, language: str, status: int = 200, **names: str) -> Response:
    """A page that only says something: what `words.py` has under this key."""
    words = WORDS[language]
    text = words[f"{key}_more"].format(**names)
    return show("message.html", status, title=words[key], text=text, language=language)


async def visit(request: Request, links: Links, purpose: Purpose) -> Visit | Response:
    """Who came by this link; or the page to show instead: 404 for a forged one, 410 for one whose time is over."""
    link = links.signer.read(purpose, request.path_params["token"], clock.now())
    invited = await answers.invited(pool(WORK), link.message_id) if link else None
    language = language_of(request, invited.language if invited else None)
    if link is None or invited is None:
        return message("unknown", language, 404)
    if link.expired:
        return message("expired", language, 410)
    return Visit(invited, language)


def language_of(request: Request, location: str | None) -> str:
    """The browser's wish if we speak it, else the location's, else English."""
    wanted = [name.partition("-")[0] for name in preferences(request.headers.get("accept-language", ""))]
    for language in [*wanted, (location or "")[:2]]:
        if language in WORDS:
            return language
    return "en"


async def form(request: Request, language: str) -> dict[str, str] | Response:
    """The fields of a posted form, without what no text can hold; or the page for one that is too long, or did not
    arrive. Read before any parser sees it, so that its length alone bounds the fields."""
    try:
        body = await whole_body(request, FORM)
    except BodyTooLargeError:
        return message("too_long", language, 413)
    except (BodyTooSlowError, ClientDisconnect):
        return message("lost", language, 408)
    fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
    return {name: values[-1].replace("\x00", "") for name, values in fields.items()}
