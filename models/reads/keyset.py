"""Positions for keyset pagination."""

from datetime import datetime
from typing import NamedTuple, TypeAlias
from uuid import UUID

Value: TypeAlias = datetime | str | float | int | None


class Position(NamedTuple):
    """The row before a page: its value in the list's order, and its key as the tiebreaker."""

    value: Value
    key: UUID | int
