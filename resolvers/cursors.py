"""Opaque signed cursors, valid only for the connection that created them, and the pagination arguments."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson

from models.reads.keyset import Position, Value
from resolvers.errors import bad_input
from wire.signing import QuickSigner

DEFAULT_PAGE, LONGEST_PAGE = 25, 100
_LABEL = "plaudit cursor 4"
"""Includes the version of the cursor's contents; changing it invalidates older cursors."""


class CursorBox:
    """Creates and reads cursors."""

    def __init__(self, secrets: tuple[str, ...]) -> None:
        self._signer = QuickSigner(secrets, _LABEL)

    def make(self, connection: str, position: Position) -> str:
        """`connection` identifies the connection, including everything that determines its order and contents."""
        return self.make_all(connection, [position])[0]

    def make_all(self, connection: str, positions: Iterable[tuple[Value, UUID | int]]) -> list[str]:
        """The cursors of one connection, of which a page has many."""
        return self._signer.sign_all(connection, [_packed(value, key) for value, key in positions])

    def read(self, connection: str, cursor: str) -> Position:
        """The position of a cursor. Raises BAD_USER_INPUT if it was not created for this connection."""
        body = self._signer.read(connection, cursor)
        if body is None:
            raise bad_input(
                "This cursor was not created by this connection with these arguments; start again without a cursor."
            )
        return _unpacked(body)


_TIME, _NUMBER = 1, 2
"""Bits of a cursor's first byte: the value is a time, the key is a number."""


def _packed(value: Value, key: UUID | int) -> bytes:
    """A byte that tells the kinds, 16 bytes of the key, and the value in JSON."""
    kind, raw = (_NUMBER, key.to_bytes(16)) if isinstance(key, int) else (0, key.bytes)
    if isinstance(value, datetime):
        kind |= _TIME
    return b"%c%b%b" % (kind, raw, orjson.dumps(value))


def _unpacked(body: bytes) -> Position:
    kind, raw, value = body[0], body[1:17], orjson.loads(body[17:])
    key = int.from_bytes(raw) if kind & _NUMBER else UUID(bytes=raw)
    return Position(datetime.fromisoformat(value) if kind & _TIME else value, key)


@dataclass(frozen=True, slots=True)
class Slice:
    """A requested page: up to `limit` rows after a cursor or, backward, before it."""

    limit: int
    cursor: str | None = None
    backward: bool = False


def slice_of(
    first: int | None = None, after: str | None = None, last: int | None = None, before: str | None = None
) -> Slice:
    """25 rows by default. Raises BAD_USER_INPUT for arguments that contradict each other."""
    if first is not None and last is not None:
        raise bad_input("Pass first or last, not both.")
    if after is not None and before is not None:
        raise bad_input("Pass after or before, not both.")
    if (after is not None and last is not None) or (before is not None and first is not None):
        raise bad_input("Use first with after, or last with before.")
    limit = first if first is not None else last if last is not None else DEFAULT_PAGE
    if not 1 <= limit <= LONGEST_PAGE:
        raise bad_input(f"{'last' if last is not None else 'first'} must be from 1 to {LONGEST_PAGE}.")
    backward = last is not None or before is not None
    return Slice(limit, before if backward else after, backward)
