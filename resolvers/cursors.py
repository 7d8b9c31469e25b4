"""Cursors: opaque, signed, good only for the connection that made them; and what first, after, last, before mean."""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from typing import Any

import orjson

from resolvers.errors import bad_input

DEFAULT_PAGE, LONGEST_PAGE = 25, 100
_MAC = 12
_PURPOSE = b"plaudit cursor 1"
"""With the version of what a cursor holds: after a change of it, older ones are no longer read."""


class CursorBox:
    """Makes and reads cursors. The first secret signs; older ones are still read."""

    def __init__(self, secrets: tuple[str, ...]) -> None:
        self._keys = [hmac.digest(secret.encode(), _PURPOSE, hashlib.sha256) for secret in secrets]

    def make(self, connection: str, *values: object) -> str:
        """`connection` names the connection with all that decides its order and content."""
        body = orjson.dumps(values, default=str)
        return _text(_mac(self._keys[0], connection, body) + body)

    def read(self, connection: str, cursor: str) -> list[Any]:
        """The values; raises BAD_USER_INPUT for a cursor that is not this connection's own."""
        try:
            raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        except ValueError:
            raw = b""
        mac, body = raw[:_MAC], raw[_MAC:]
        # The last letter has bits to spare: of all spellings of a cursor only ours is one.
        ours = _text(raw) == cursor and any(hmac.compare_digest(mac, _mac(key, connection, body)) for key in self._keys)
        if not ours:
            raise bad_input("This cursor is not one of this connection with these arguments; begin without one.")
        values: list[Any] = orjson.loads(body)
        return values


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _mac(key: bytes, connection: str, body: bytes) -> bytes:
    return hmac.digest(key, connection.encode() + b"\0" + body, hashlib.sha256)[:_MAC]


@dataclass(frozen=True, slots=True)
class Slice:
    """What was asked for: so many after a cursor, or, backward, before one."""

    limit: int
    cursor: str | None = None
    backward: bool = False


def slice_of(
    first: int | None = None, after: str | None = None, last: int | None = None, before: str | None = None
) -> Slice:
    """25 when neither first nor last is given; raises BAD_USER_INPUT for what cannot be meant."""
    if first is not None and last is not None:
        raise bad_input("Give first or last, not both.")
    if after is not None and before is not None:
        raise bad_input("Give after or before, not both.")
    if (after is not None and last is not None) or (before is not None and first is not None):
        raise bad_input("Give first with after, or last with before.")
    limit = first if first is not None else last if last is not None else DEFAULT_PAGE
    if not 1 <= limit <= LONGEST_PAGE:
        raise bad_input(f"{'last' if last is not None else 'first'} must be from 1 to {LONGEST_PAGE}.")
    backward = last is not None or before is not None
    return Slice(limit, before if backward else after, backward)
