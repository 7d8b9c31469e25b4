"""A column of PostgreSQL's type interval, which Tortoise would store as a number."""

from datetime import timedelta
from typing import Any

from tortoise.fields import Field


class IntervalField(Field[timedelta], timedelta):
    """asyncpg reads and writes a timedelta as it is."""

    SQL_TYPE = "INTERVAL"

    def to_python_value(self, value: Any) -> Any:
        return value
