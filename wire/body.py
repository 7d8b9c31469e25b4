"""Request bodies, bounded in size and in time."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

from starlette.requests import Request


@dataclass(frozen=True, slots=True)
class Bound:
    """`size` in bytes; `seconds` for the whole body; `silence`: seconds in which nothing comes, if shorter."""

    size: int
    seconds: float
    silence: float | None = None


class BodyTooLargeError(Exception):
    """The body has more bytes than its bound."""


class BodyTooSlowError(Exception):
    """The body did not arrive in time. `silent`: nothing came for a while, rather than too little."""

    def __init__(self, *, silent: bool) -> None:
        super().__init__()
        self.silent = silent


async def body_parts(request: Request, bound: Bound) -> AsyncIterator[bytes]:
    """The body as it comes; raises BodyTooLargeError, BodyTooSlowError, and Starlette's ClientDisconnect. The time that the
    caller spends on a part counts as well."""
    if _announced(request) > bound.size:
        raise BodyTooLargeError
    now, parts, size = asyncio.get_running_loop().time, request.stream(), 0
    ends = now() + bound.seconds
    while True:
        silent_until = now() + (bound.silence or bound.seconds)
        try:
            async with asyncio.timeout_at(min(ends, silent_until)):
                part = await anext(parts, None)
        except TimeoutError as error:
            raise BodyTooSlowError(silent=silent_until < ends) from error
        if part is None:
            return
        size += len(part)
        if size > bound.size:
            raise BodyTooLargeError
        yield part


async def whole_body(request: Request, bound: Bound) -> bytes:
    """The whole body; raises what `body_parts` raises."""
    return b"".join([part async for part in body_parts(request, bound)])


def _announced(request: Request) -> int:
    length = request.headers.get("content-length", "")
    return int(length) if length.isascii() and length.isdigit() else 0
