"""Responses of server-sent events, as in graphql-sse's mode of distinct connections: one operation each."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from starlette.types import Send

from models.clock import clock
from plaudit import edge
from plaudit.edge import AnswerTooLargeError
from resolvers.context import Context
from resolvers.errors import EXPIRED, unauthenticated

HEARTBEAT_SECONDS = 12.0
COMMENT = ":\n\n"
END_SECONDS = 0.25
"""From an event to an end without `complete`. If both arrive together, graphql-sse's client can miss the end, and waits forever."""
HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store, no-transform"),  # compression would collect events
    (b"x-accel-buffering", b"no"),  # nginx would collect them too
]


class EventStream:
    """One response. Its operation sends the results; meanwhile, comments show that the connection is alive.

    A subscription ends when its token expires, with an error, and when the gateway stops, without `complete`, so that the
    client connects again. Other operations are completed.
    """

    def __init__(self, send: Send, context: Context, stopping: asyncio.Event) -> None:
        self._send, self.context, self.stopping = send, context, stopping
        self._sent_at = float("-inf")

    async def run(self, operation: Callable[[], Awaitable[None]]) -> None:
        """Sends the response whose events the operation sends."""
        await self._send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        await self._write(COMMENT)  # some browsers and proxies wait for the first byte of a body
        running = asyncio.ensure_future(operation())
        stopping = asyncio.create_task(self.stopping.wait())
        try:
            is_expired = await self._until_end(running, stopping)
        finally:
            running.cancel()
            stopping.cancel()
            await asyncio.wait([running, stopping])
        if is_expired:
            await self.next({"errors": [unauthenticated(EXPIRED).formatted]})
            await self.complete()
        elif running.cancelled():
            await asyncio.sleep(self._sent_at + END_SECONDS - asyncio.get_running_loop().time())
        await self._write("", more=False)

    async def _until_end(self, running: asyncio.Future[None], stopping: asyncio.Task[Any]) -> bool:
        """Waits until the operation is complete or has to end; whether because its token has expired."""
        now = asyncio.get_running_loop().time
        expires_at = now() + self._seconds_left()
        while True:
            left = expires_at - now()
            await asyncio.wait(
                {running} if stopping.done() else {running, stopping},
                timeout=min(left, HEARTBEAT_SECONDS) if left > 0 else HEARTBEAT_SECONDS,
                return_when=asyncio.FIRST_COMPLETED,
            )
            is_expired = now() >= expires_at
            if running.done() or (self.context.is_subscription and (stopping.done() or is_expired)):
                return is_expired and not running.done()
            await self._write(COMMENT)

    def _seconds_left(self) -> float:
        who = self.context.identity
        return (who.expires_at - clock.now()).total_seconds() if who else 0.0

    async def next(self, result: dict[str, Any]) -> None:
        """Sends a result, with the id of its event if it has one."""
        key, self.context.event_id = self.context.event_id, None
        try:
            data = edge.encode(result).decode()
        except AnswerTooLargeError as refused:
            error = {"message": refused.sentence, "extensions": {"code": refused.code}}
            data = edge.encode({"data": None, "errors": [error]}).decode()
        self._sent_at = asyncio.get_running_loop().time()
        lines = ["event: next", *([f"id: {key}"] if key else []), f"data: {data}", "", ""]
        await self._write("\n".join(lines))

    async def complete(self) -> None:
        """Browsers ignore an event without data."""
        await self._write("event: complete\ndata:\n\n")

    async def _write(self, text: str, *, more: bool = True) -> None:
        with suppress(OSError):  # the client has disconnected
            await self._send({"type": "http.response.body", "body": text.encode(), "more_body": more})
