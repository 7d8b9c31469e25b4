"""The LISTEN connection that wakes subscriptions."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from models.commands import import_progress
from models.connection import WORK, transaction
from resolvers.live import Live
from tests import factories as make

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
async def live(db: str) -> AsyncIterator[Live]:
    """One that listens."""
    made = Live(f"{db}?application_name=test_live")
    running = asyncio.create_task(made.run())
    await asyncio.wait_for(made.listening.wait(), 10)
    yield made
    running.cancel()
    await asyncio.wait([running])


async def test_a_change_wakes_only_those_who_wait_for_it(live: Live) -> None:
    key = await make.bulk_import(await make.location(await make.account()))
    with live.wake_event(key.hex) as one, live.wake_event(key.hex) as other, live.wake_event("0" * 32) as unrelated:
        async with transaction(WORK) as tx:
            await import_progress.changed(tx, key)
        async with asyncio.timeout(10):
            await one.wait()
            await other.wait()
        assert not unrelated.is_set()


async def test_a_lost_connection_wakes_everyone_since_changes_may_have_been_missed(live: Live, db: str) -> None:
    with live.wake_event("0" * 32) as wake:
        other = await asyncpg.connect(db)
        await other.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'test_live'"
        )
        await other.close()
        await asyncio.wait_for(wake.wait(), 10)
        assert live.listening.is_set()
