"""Serves the console: the document at `/` and the files that it loads, or a page that says how to build it."""

import secrets
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

_HERE = Path(__file__).parent
_PLACES = (_HERE / "console_files", _HERE.parent / "console" / "dist")
"""In a wheel, and in a checkout."""
_NONCE = "PLAUDIT_NONCE"
"""Stands in the built document where its nonce goes: components add styles while they run."""
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)
_SAFE = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": _POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
}
_FOREVER = "public, max-age=31536000, immutable"
_NOT_BUILT = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Plaudit</title></head>
<body>
<main>
<h1>Plaudit</h1>
<p>The console is not built here; run <code>make console</code>, then reload this page. The GraphQL API is at
<code>/graphql</code> and requires a token.</p>
<p>If you were invited to leave a review, open the link in your message.</p>
</main>
</body>
</html>
"""


def built() -> Path | None:
    """The folder of the built console, if there is one."""
    return next((place for place in _PLACES if (place / "index.html").is_file()), None)


def routes() -> list[BaseRoute]:
    """Looks for the console at each request: it may be built while the server runs."""
    return [Route("/", _document), Route("/sign-in/return", _document), Route("/console/{name}", _file)]


async def _document(_request: Request) -> Response:
    place = built()
    if place is None:
        return HTMLResponse(_NOT_BUILT, headers=_SAFE)
    nonce = secrets.token_urlsafe(16)
    headers = _SAFE | {
        "Content-Security-Policy": _POLICY.replace("style-src 'self'", f"style-src 'self' 'nonce-{nonce}'")
    }
    return HTMLResponse((place / "index.html").read_text("utf-8").replace(_NONCE, nonce), headers=headers)


async def _file(request: Request) -> Response:
    """A file whose name contains a hash of its content, so that it never changes."""
    found = _named(request.path_params["name"])
    if found is None:
        return PlainTextResponse("There is no such file.", 404, _SAFE)
    return FileResponse(found, headers={"Cache-Control": _FOREVER, "X-Content-Type-Options": "nosniff"})


def _named(name: str) -> Path | None:
    """The file with this name. What was asked for is only compared: it may be no name of a file at all."""
    place = built()
    files = (place / "console").glob("[!.]*") if place else ()
    return next((file for file in files if file.name == name and file.is_file()), None)
