"""The LISTEN connection that wakes subscriptions."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from models.clock import clock
from models.commands import activity, import_progress
from models.commands.activity import SYSTEM, Event
from models.connection import WORK, execute, transaction
from models.rules.enums import ActivityKind
from resolvers.live import Live
from tests import factories as make
from tests.resolvers.test_live_timeline import followed

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


async def test_events_wake_all_the_customers_that_they_belong_to(live: Live) -> None:
    one, other = await followed(), await followed()
    events = [Event(each.subject, ActivityKind.OPENED, SYSTEM, clock.now()) for each in (one, other)]
    first, second = one.subject.customer_id.hex, other.subject.customer_id.hex
    account = one.subject.account_id.hex
    with (
        live.wake_event(first, account) as mine,
        live.wake_event(second) as theirs,
        live.wake_event(account) as all_of_it,
    ):
        async with transaction(WORK) as tx:
            await activity.record_events(tx, events)
        async with asyncio.timeout(10):
            await mine.wait()
            await theirs.wait()
        assert not all_of_it.is_set()
        async with transaction(WORK) as tx:
            await execute(tx, "select pg_notify($1, $2)", activity.CHANNEL, account)
        await asyncio.wait_for(all_of_it.wait(), 10)


async def test_a_lost_connection_wakes_everyone_since_changes_may_have_been_missed(live: Live, db: str) -> None:
    with live.wake_event("0" * 32) as wake:
        other = await asyncpg.connect(db)
        await other.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'test_live'"
        )
        await other.close()
        await asyncio.wait_for(wake.wait(), 10)
        assert live.listening.is_set()
