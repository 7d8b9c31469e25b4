"""When something goes wrong here: a page in the person's language all the same, and nobody's data in the log."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from pages.page import language_of, message

RETRY_SECONDS = 5
Handler = Callable[[Request], Awaitable[Response]]
Report = Callable[[Exception], str | None]
"""Puts an error into the log, without anybody's data. The id under which it is found there; None where the database
could not be had, so that the same may go right in a moment."""


def kindly(handler: Handler, report: Report) -> Handler:
    """Whatever a page raises ends here: the server would answer in plain English, and log the error's own words."""

    async def answer(request: Request) -> Response:
        try:
            return await handler(request)
        except Exception as error:  # noqa: BLE001 - reported, and told to the person
            number = report(error)
        language = language_of(request, None)
        if number is not None:
            return message("broken", language, 500, number=number)
        later = message("later", language, 503)
        later.headers["Retry-After"] = str(RETRY_SECONDS)
        return later

    return answer
