"""The mailbox's pages, without scripts: the list of caught mails; a mail, with its HTML in a sandbox; its source."""

import re
from functools import cache
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from demo.catcher import Catcher
from demo.mailbox import Mail

PAGE = 50
_PAGE_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
# No scripts and no origin of its own. Images are shown, since they record that a mail was opened.
_MAIL_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; "
    "img-src http: https: data:; form-action 'none'; frame-ancestors 'self'"
)
_SAFE = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}
HEADERS = _SAFE | {"Content-Security-Policy": _PAGE_POLICY}
_LINK = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]]")
_HEAD = re.compile(r"<head[^>]*>", re.IGNORECASE)
_NEW_TAB = '<base target="_blank">'


def routes(catcher: Catcher) -> list[Route]:
    pages = MailboxPages(catcher)
    return [
        Route("/mailbox", pages.inbox),
        Route("/mailbox/{key:int}", pages.mail),
        Route("/mailbox/{key:int}/html", pages.html),
        Route("/mailbox/{key:int}/source", pages.source),
    ]


class MailboxPages:
    def __init__(self, catcher: Catcher) -> None:
        self._catcher = catcher

    async def inbox(self, request: Request) -> Response:
        to, before = request.query_params.get("to", "").strip(), _number(request.query_params.get("before"))
        lines = await self._catcher.newest(to, before=before, limit=PAGE + 1)
        older = None
        if len(lines) > PAGE:
            lines = lines[:PAGE]
            older = "?" + urlencode({"to": to, "before": lines[-1].id} if to else {"before": lines[-1].id})
        return page(
            "inbox.html", lines=lines, to=to, older=older, later=before is not None, total=await self._catcher.count(to)
        )

    async def mail(self, request: Request) -> Response:
        mail = await self._found(request)
        if mail is None:
            return page("not_found.html", status=404)
        return page("mail.html", mail=mail, text=_linked(mail.text) if mail.text is not None else None)

    async def html(self, request: Request) -> Response:
        mail = await self._found(request)
        if mail is None or mail.html is None:
            return page("not_found.html", status=404)
        return HTMLResponse(_in_new_tabs(mail.html), headers=_SAFE | {"Content-Security-Policy": _MAIL_POLICY})

    async def source(self, request: Request) -> Response:
        mail = await self._found(request)
        if mail is None:
            return page("not_found.html", status=404)
        return PlainTextResponse(mail.source, headers=HEADERS)

    async def _found(self, request: Request) -> Mail | None:
        key: int = request.path_params["key"]
        return await self._catcher.mail(key) if key < 1 << 63 else None


@cache
def _environment() -> Environment:
    return Environment(loader=PackageLoader("demo"), autoescape=True)


def page(template: str, status: int = 200, **values: object) -> Response:
    """Renders a template of `demo/templates`."""
    text = _environment().get_template(template).render(values)
    return HTMLResponse(text, status, headers=HEADERS)


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else None


def _linked(text: str) -> Markup:
    """Turns URLs into links and escapes everything else."""
    pieces, end = [], 0
    for found in _LINK.finditer(text):
        pieces.append(escape(text[end : found.start()]))
        pieces.append(Markup('<a href="{0}" target="_blank" rel="noreferrer">{0}</a>').format(found.group()))
        end = found.end()
    return Markup("").join([*pieces, escape(text[end:])])


def _in_new_tabs(html: str) -> str:
    """Makes links open outside the frame; inserted in the head, so that the mail's doctype stays first."""
    head = _HEAD.search(html)
    return html[: head.end()] + _NEW_TAB + html[head.end() :] if head else _NEW_TAB + html
