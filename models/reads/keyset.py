"""Positions for keyset pagination."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID


class Position(NamedTuple):
    """The row before a page: its value in the list's order, and its key as the tiebreaker."""

    value: datetime | str | float | int | None
    key: UUID | int
