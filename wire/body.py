"""Request bodies with limits on size and time."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

from starlette.requests import Request


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """`size` in bytes; `seconds` for the whole body; `idle_seconds` between parts, if limited separately."""

    size: int
    seconds: float
    idle_seconds: float | None = None


class BodyTooLargeError(Exception):
    """The body is larger than its limit."""


class BodyTooSlowError(Exception):
    """The body did not arrive in time. `idle`: nothing arrived for `idle_seconds`."""

    def __init__(self, *, idle: bool) -> None:
        super().__init__()
        self.idle = idle


async def body_parts(request: Request, limits: BodyLimits) -> AsyncIterator[bytes]:
    """Yields the body as it arrives. Raises BodyTooLargeError, BodyTooSlowError, and Starlette's ClientDisconnect. Time
    spent by the caller on each part counts."""
    now, parts = asyncio.get_running_loop().time, _bounded_parts(request, limits.size)
    ends = now() + limits.seconds
    while True:
        idle_until = now() + (limits.idle_seconds or limits.seconds)
        try:
            async with asyncio.timeout_at(min(ends, idle_until)):
                part = await anext(parts, None)
        except TimeoutError as error:
            raise BodyTooSlowError(idle=idle_until < ends) from error
        if part is None:
            return
        yield part


async def whole_body(request: Request, limits: BodyLimits) -> bytes:
    """The whole body; raises the same errors as `body_parts`, but does not limit the time between parts."""
    try:
        async with asyncio.timeout(limits.seconds):
            return await bounded_body(request, limits.size)
    except TimeoutError as error:
        raise BodyTooSlowError(idle=False) from error


async def bounded_body(request: Request, most: int) -> bytes:
    """The whole body, for callers that limit the time themselves. Raises BodyTooLargeError and Starlette's ClientDisconnect."""
    return b"".join([part async for part in _bounded_parts(request, most)])


async def _bounded_parts(request: Request, most: int) -> AsyncIterator[bytes]:
    if _content_length(request) > most:
        raise BodyTooLargeError
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > most:
            raise BodyTooLargeError
        yield part


def _content_length(request: Request) -> int:
    length = request.headers.get("content-length", "")
    return int(length) if length.isascii() and length.isdigit() else 0
