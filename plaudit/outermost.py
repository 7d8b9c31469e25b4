"""The outermost layer of the gateway: logs every exception without values, and answers with its id in the log."""

from contextlib import suppress
from typing import Any

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from plaudit.masking import report, sentence_of

INTERNAL_ERROR = 1011


class Outermost:
    """Never raises to the server, which would log the exception's message."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        sent: set[str] = set()

        async def noted(message: Any) -> None:
            sent.add(message["type"])
            await send(message)

        try:
            await self.app(scope, receive, noted)
        except Exception as error:  # noqa: BLE001 - logged and answered
            number = report(error)
            with suppress(Exception):  # the client may have disconnected
                await _answer(scope, receive, send, sent, number)


async def _answer(scope: Scope, receive: Receive, send: Send, sent: set[str], number: str | None) -> None:
    """Sends a status or a close code; nothing if the response has begun, which the server then aborts."""
    if scope["type"] == "websocket":
        if "websocket.close" not in sent:
            await send({"type": "websocket.close", "code": INTERNAL_ERROR, "reason": sentence_of(number)})
    elif not sent:
        error_body = {"message": sentence_of(number), "extensions": {"code": "INTERNAL_SERVER_ERROR"}}
        headers = {"Retry-After": "1"} if number is None else {}
        await JSONResponse({"errors": [error_body]}, 503 if number is None else 500, headers)(scope, receive, send)
