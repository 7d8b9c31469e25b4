"""Shared by all pages: links, languages, headers and forms."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import parse_qs

from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response

from delivery.layout import LOOK
from delivery.links import Links, Purpose
from languages import Language, choose
from languages.language import Notice, PageTexts
from models.clock import clock
from models.commands import answers
from models.commands.answers import Invited
from models.connection import WORK, pool
from models.rules.machine import Evidence, Target
from models.rules.privacy import half_hidden
from models.rules.shown import shown_email
from pages.look import Look
from wire.body import BodyLimits, BodyTooLargeError, BodyTooSlowError, whole_body
from wire.preferences import preferences

FORM = BodyLimits(50_000, seconds=15.0)
"""A note has up to 5,000 characters, and a form encodes each in up to nine bytes."""
_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
}


@dataclass(frozen=True, slots=True)
class Visit:
    """A request with a valid link, and the customer it was sent to."""

    invited: Invited
    language: Language

    @property
    def texts(self) -> PageTexts:
        return self.language.pages

    @property
    def look(self) -> Look:
        return Look(self.invited.location_name, self.invited.location_color, self.invited.location_logo)

    @property
    def _names(self) -> dict[str, Any]:
        invited = self.invited
        return {
            "name": invited.first_name,
            "location": invited.location_name,
            "score": invited.nps_score,
            "address": half_hidden(invited.channel, shown_email(invited.address)),
        }

    def say(self, text: str) -> Markup:
        """A text with names filled in, each in its own direction, since a name in another script would turn the sentence."""
        isolated = Markup('<bdi dir="auto">{}</bdi>')
        names = {key: isolated.format(name) if isinstance(name, str) else name for key, name in self._names.items()}
        return Markup("{}").format(text).format(**names)

    def title(self, text: str) -> str:
        """A text with names filled in, for where there is no markup."""
        return text.format(**self._names)


@cache
def _templates() -> Environment:
    folder = files("pages").joinpath("templates")
    sources = {file.name: file.read_text("utf-8") for file in folder.iterdir() if file.name.endswith(".html")}
    made = Environment(loader=DictLoader(sources), autoescape=True, undefined=StrictUndefined)
    made.globals.update(LOOK)
    return made


def render(name: str, language: Language, look: Look, status: int = 200, **values: Any) -> Response:
    """Renders a template of `pages/templates`."""
    body = _templates().get_template(name).render(language=language, texts=language.pages, look=look, **values)
    return HTMLResponse(body, status, headers=_HEADERS | {"Content-Security-Policy": look.policy})


def render_visit(name: str, visit: Visit, heading: str, status: int = 200, **values: Any) -> Response:
    """Renders a template for a customer, with this text as heading and title."""
    title, shown = visit.title(heading), visit.say(heading)
    return render(name, visit.language, visit.look, status, title=title, heading=shown, say=visit.say, **values)


def message(notice: Notice, language: Language, status: int = 200, **names: str) -> Response:
    """A page with only a message."""
    text = notice.text.format(**names)
    return render("message.html", language, Look(), status, title=notice.title, text=text)


async def find_visit(request: Request, links: Links, purpose: Purpose) -> Visit | Response:
    """The visit of this link, or the page to show instead: 404 for an invalid link, 410 for an expired one, and a page of its
    own for that of a test message."""
    link = links.signer.read(purpose, request.path_params["token"], clock.now())
    if link and link.is_test:
        language = language_of(request, None)
        return message(language.pages.test, language)
    invited = await answers.invited(pool(WORK), link.message_id) if link else None
    language = language_of(request, invited.language if invited else None)
    if link is None or invited is None:
        return message(language.pages.unknown, language, 404)
    if link.expired and purpose is not Purpose.UNSUBSCRIBE:
        return message(language.pages.expired, language, 410)
    return Visit(invited, language)


def language_of(request: Request, location: str | None) -> Language:
    """The browser's preference if it is supported, else the location's language, else English."""
    return choose(preferences(request.headers.get("accept-language", "")), location)


def evidence(request: Request, target: Target, invited: Invited, now: datetime) -> Evidence:
    """What tells whether a machine sent this request."""
    since = None if invited.sent_at is None else now - invited.sent_at
    return Evidence(target=target, method=request.method, headers=request.headers.items(), since_sent=since)


async def form(request: Request, language: Language) -> dict[str, str] | Response:
    """The fields of a submitted form without NUL characters, or the page to show if it was too long or did not arrive.
    The size is checked before parsing, which also limits the number of fields."""
    try:
        body = await whole_body(request, FORM)
    except BodyTooLargeError:
        return message(language.pages.too_long, language, 413)
    except (BodyTooSlowError, ClientDisconnect):
        return message(language.pages.lost, language, 408)
    fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
    return {name: values[-1].replace("\x00", "") for name, values in fields.items()}
