"""Serves the console: the document at `/` and the files that it loads, or a page that says how to build it."""

import secrets
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

_HERE = Path(__file__).parent
_PLACES = (_HERE / "console_files", _HERE.parent / "console" / "dist")
"""In a wheel, and in a checkout."""
_NONCE = "PLAUDIT_NONCE"
"""Stands in the built document where its nonce goes: components add styles while they run."""
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-PLAUDIT_NONCE'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
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
_NOT_BUILT = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Plaudit</title></head>
<body>
<main>
<h1>Plaudit</h1>
<p>The console is not built here; run <code>make console</code>, then restart this server. The GraphQL API is at
<code>/graphql</code> and requires a token.</p>
<p>If you were invited to leave a review, open the link in your message.</p>
</main>
</body>
</html>
"""


def routes(files: Path | None = None) -> list[BaseRoute]:
    """`files`: where the built console is, unless it is in its usual place."""
    built = next((place for place in ([files] if files else _PLACES) if (place / "index.html").is_file()), None)
    if built is None:
        return [Route("/", _not_built)]

    text = (built / "index.html").read_text("utf-8")

    async def document(_request: Request) -> Response:
        nonce = secrets.token_urlsafe(16)
        headers = _SAFE | {"Content-Security-Policy": _POLICY.replace(_NONCE, nonce)}
        return HTMLResponse(text.replace(_NONCE, nonce), headers=headers)

    return [Route("/", document), Mount("/console", _Hashed(directory=built / "console"))]


async def _not_built(_request: Request) -> Response:
    return HTMLResponse(_NOT_BUILT, headers=_SAFE)


class _Hashed(StaticFiles):
    """Files whose names contain a hash of their content, so that they never change."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        if response.status_code == 200:
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response
