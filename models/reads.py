"""The one place that an operation's reads go through."""

from dataclasses import dataclass, field
from uuid import UUID

import asyncpg

from models import connection
from models.connection import LISTS


@dataclass(slots=True)
class Reads:
    """Reads of one operation. `accounts` are those that were opened in it; `statements` counts what was asked."""

    accounts: set[UUID] = field(default_factory=set)
    statements: int = 0

    async def rows(self, sql: str, *args: object, pool: str = LISTS) -> list[asyncpg.Record]:
        self.statements += 1
        return await connection.fetch(connection.pool(pool), sql, *args)

    async def row(self, sql: str, *args: object, pool: str = LISTS) -> asyncpg.Record | None:
        found = await self.rows(sql, *args, pool=pool)
        return found[0] if found else None
