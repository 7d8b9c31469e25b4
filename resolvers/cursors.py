"""Opaque signed cursors, valid only for the connection that created them, and the pagination arguments."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from models.reads.keyset import Position
from resolvers.errors import bad_input
from wire.signing import QuickSigner

DEFAULT_PAGE, LONGEST_PAGE = 25, 100
_LABEL = "plaudit cursor 3"
"""Includes the version of the cursor's contents; changing it invalidates older cursors."""


class CursorBox:
    """Creates and reads cursors."""

    def __init__(self, secrets: tuple[str, ...]) -> None:
        self._signer = QuickSigner(secrets, _LABEL)

    def make(self, connection: str, position: Position) -> str:
        """`connection` identifies the connection, including everything that determines its order and contents."""
        return self.maker(connection)(position)

    def maker(self, connection: str) -> Callable[[Position], str]:
        """Makes cursors of one connection, of which a page has many."""
        sign = self._signer.signing(connection)
        return lambda position: sign(orjson.dumps([_packed(value) for value in position]))

    def read(self, connection: str, cursor: str) -> Position:
        """The position of a cursor. Raises BAD_USER_INPUT if it was not created for this connection."""
        body = self._signer.read(connection, cursor)
        if body is None:
            raise bad_input(
                "This cursor was not created by this connection with these arguments; start again without a cursor."
            )
        return Position(*map(_unpacked, orjson.loads(body)))


def _packed(value: object) -> object:
    """Tags times and keys, which JSON does not have."""
    if isinstance(value, datetime):
        return {"t": value}
    return {"k": value.hex} if isinstance(value, UUID) else value


def _unpacked(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return datetime.fromisoformat(value["t"]) if "t" in value else UUID(value["k"])


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
