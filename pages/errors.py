"""Error pages in the visitor's language; personal data is not logged."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from pages.page import language_of, message

RETRY_SECONDS = 5
Handler = Callable[[Request], Awaitable[Response]]
Report = Callable[[Exception], str | None]
"""Logs an error without personal data and returns its id, or None if the database is unavailable and a retry may
succeed."""


def with_error_page(handler: Handler, report: Report) -> Handler:
    """Handles every exception of a page; the server would respond in English and log the exception's message."""

    async def answer(request: Request) -> Response:
        try:
            return await handler(request)
        except Exception as error:  # noqa: BLE001 - reported, and shown to the visitor
            error_id = report(error)
        language = language_of(request, None)
        if error_id is not None:
            return message(language.pages.broken, language, 500, number=error_id)
        response = message(language.pages.later, language, 503)
        response.headers["Retry-After"] = str(RETRY_SECONDS)
        return response

    return answer
