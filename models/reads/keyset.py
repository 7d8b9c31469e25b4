"""Keyset pagination: where a page begins."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID


class Position(NamedTuple):
    """The row just before a page: the value that the list is ordered by, and what tells rows of equal value apart."""

    value: datetime | str | float | int | None
    key: UUID | int
