"""Request bodies: the largest size, and how long a body and each of its parts may take."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from starlette.requests import ClientDisconnect, Request

from wire.body import BodyLimits, BodyTooLargeError, BodyTooSlowError, body_parts, whole_body

LIMITS = BodyLimits(size=10, seconds=0.4, idle_seconds=0.2)


def request(parts: Sequence[bytes], *, pause: float = 0.0, length: str | None = None, ends: bool = True) -> Request:
    """A request whose parts arrive with pauses between them; without an end, nothing more follows the last part."""
    left = list(parts)

    async def receive() -> dict[str, Any]:
        if not left and not ends:
            await asyncio.Event().wait()
        await asyncio.sleep(pause)
        part = left.pop(0) if left else b""
        return {"type": "http.request", "body": part, "more_body": bool(left) or not ends}

    headers = [(b"content-length", length.encode())] if length is not None else []
    return Request({"type": "http", "method": "POST", "headers": headers}, receive)


@pytest.mark.parametrize("parts", [[b"x" * 10], [b"x" * 4, b"x" * 6], [b"x"] * 10])
async def test_body_of_the_largest_size_is_accepted(parts: list[bytes]) -> None:
    assert await whole_body(request(parts), LIMITS) == b"x" * 10


@pytest.mark.parametrize("parts", [[b"x" * 11], [b"x" * 4, b"x" * 7], [b"x"] * 11])
async def test_body_of_one_byte_more_is_rejected(parts: list[bytes]) -> None:
    with pytest.raises(BodyTooLargeError):
        await whole_body(request(parts), LIMITS)


async def test_body_announced_as_too_large_is_rejected_before_it_arrives() -> None:
    with pytest.raises(BodyTooLargeError):
        await whole_body(request([], length="11", ends=False), LIMITS)


@pytest.mark.parametrize("length", ["10", "0", "-1", "ten", "¹¹", ""])
async def test_announced_length_is_not_trusted(length: str) -> None:
    assert await whole_body(request([b"x" * 10], length=length), LIMITS) == b"x" * 10


async def parts_of(request: Request, limits: BodyLimits) -> list[bytes]:
    return [part async for part in body_parts(request, limits)]


async def test_silence_is_rejected() -> None:
    with pytest.raises(BodyTooSlowError) as slow:
        await parts_of(request([b"x"], ends=False), LIMITS)
    assert slow.value.idle


@pytest.mark.parametrize("read", [whole_body, parts_of])
async def test_body_that_takes_too_long_in_all_is_rejected(read: Callable[..., Awaitable[object]]) -> None:
    with pytest.raises(BodyTooSlowError) as slow:
        await read(request([b"x"] * 10, pause=0.05), replace(LIMITS, idle_seconds=60))
    assert not slow.value.idle


async def test_disconnect_is_raised() -> None:
    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    with pytest.raises(ClientDisconnect):
        await whole_body(Request({"type": "http", "method": "POST", "headers": []}, receive), LIMITS)
