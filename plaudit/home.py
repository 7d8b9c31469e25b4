"""The page at `/`, which mentions Plaudit and its API but reveals nothing about the installation."""

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>Plaudit</title>
<style>
:root { color-scheme: light dark; }
body { font: 1.1rem/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 36rem; padding: 18vh 1.25rem 4rem; }
h1 { font-size: 1.8rem; line-height: 1.2; margin: 0 0 .75rem; }
code { font-size: 1rem; }
</style>
</head>
<body>
<main>
<h1>Plaudit</h1>
<p>This server collects customer reviews. Its GraphQL API is at <code>/graphql</code> and requires a token.</p>
<p>If you were invited to leave a review, open the link in your message.</p>
</main>
</body>
</html>
"""
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
}


async def _home(_request: Request) -> Response:
    return HTMLResponse(_PAGE, headers=_HEADERS)


route = Route("/", _home)
