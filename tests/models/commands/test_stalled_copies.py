"""COPYs whose client does not go on are ended, and only they."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest

from models.commands import upkeep

STALLED = """
select count(*) from pg_stat_activity
where datname = current_database() and state = 'active' and wait_event = 'ClientRead' and query ilike 'copy%'
"""


async def silence() -> AsyncIterator[bytes]:
    """Gives no rows, as a suspended process does."""
    await asyncio.Event().wait()
    yield b""


@asynccontextmanager
async def stalled(db: str, statement: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection whose client says nothing after this COPY."""
    copying, watching = await asyncpg.connect(db), await asyncpg.connect(db)
    await copying.execute("create temporary table copied (number int)")
    copy = asyncio.create_task(copying._copy_in(statement, silence(), None))
    try:
        async with asyncio.timeout(10):
            while not await watching.fetchval(STALLED):
                await asyncio.sleep(0.01)
        yield copying
    finally:
        copy.cancel()
        await asyncio.wait([copy])
        copying.terminate()
        await watching.close()


@pytest.mark.parametrize(
    "statement", ['COPY "copied" FROM STDIN', 'COPY "copied"("number") FROM STDIN (FORMAT binary)']
)
async def test_a_copy_whose_client_does_not_go_on_is_ended_after_its_time(db: str, statement: str) -> None:
    async with stalled(db, statement) as copying:
        assert await upkeep.end_stalled_copies() == 0
        assert await upkeep.end_stalled_copies(0) == 1
        async with asyncio.timeout(10):
            while not copying.is_closed():
                await asyncio.sleep(0.01)


async def test_a_restore_is_not_ended(db: str) -> None:
    async with stalled(db, "COPY copied (number) FROM stdin;"):
        assert await upkeep.end_stalled_copies(0) == 0
