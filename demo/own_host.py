"""Answers only requests for the demo's own address, to prevent DNS rebinding."""

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

NAMES = ("127.0.0.1", "localhost", "[::1]")


class OwnHostOnly:
    def __init__(self, app: ASGIApp, port: int) -> None:
        self.app, self.port = app, port
        self.hosts = {f"{name}:{port}" for name in NAMES} | (set(NAMES) if port == 80 else set())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or self._is_ours(Headers(scope=scope)):
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close"})
        else:
            message = f"This demo answers only at http://{NAMES[0]}:{self.port}."
            await PlainTextResponse(message, 421)(scope, receive, send)

    def _is_ours(self, headers: Headers) -> bool:
        named = headers.getlist("host")
        return len(named) == 1 and named[0].lower() in self.hosts
