"""A field for PostgreSQL's interval type; Tortoise's own stores a number."""

from datetime import timedelta
from typing import Any

from tortoise.fields import Field


class IntervalField(Field[timedelta], timedelta):
    """Passes timedeltas through; asyncpg reads and writes them."""

    SQL_TYPE = "INTERVAL"

    def to_python_value(self, value: Any) -> Any:
        return value
