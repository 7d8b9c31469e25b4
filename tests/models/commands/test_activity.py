"""Subscribers of timelines are notified on commit, once for a transaction and its customers, however many rows it writes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from uuid import UUID, uuid4

import asyncpg
import pytest

import models
from bulk_import import runner
from models.clock import clock
from models.commands import activity
from models.commands.activity import MAX_KEYS, SYSTEM, Event, Subject
from models.connection import WORK, transaction
from models.rules.enums import ActivityKind
from tests import factories as make
from tests.bulk_import.imports import people, run_import

pytestmark = pytest.mark.usefixtures("db")
MAX_PAYLOAD = 8_000


class RollbackError(Exception):
    """Rolls a transaction back."""


class Notices:
    """The notifications received, up to the one sent by `until_now`."""

    def __init__(self, listener: asyncpg.Connection, channel: str) -> None:
        self.listener, self.channel, self.queue = listener, channel, asyncio.Queue[str]()

    async def until_now(self) -> list[str]:
        await self.listener.execute("select pg_notify($1, 'end')", self.channel)
        found: list[str] = []
        async with asyncio.timeout(10):
            while (payload := await self.queue.get()) != "end":
                found.append(payload)
        return found


@pytest.fixture
async def notices(db: str) -> AsyncIterator[Notices]:
    listener = await asyncpg.connect(db)
    made = Notices(listener, activity.CHANNEL)
    await listener.add_listener(activity.CHANNEL, lambda *args: made.queue.put_nowait(args[-1]))
    yield made
    await listener.close()


async def subject() -> Subject:
    location = await make.location(await make.account())
    row = await models.Invitation.get(id=await make.invited(location))
    return Subject(location.account_id, location.id, row.customer_id, row.id)


def about(one: Subject) -> Event:
    return Event(one, ActivityKind.OPENED, SYSTEM, clock.now())


async def test_a_commit_notifies_once_of_each_set_of_customers_and_a_rollback_does_not(notices: Notices) -> None:
    one, other = await subject(), await subject()
    await notices.until_now()
    with suppress(RollbackError):
        async with transaction(WORK) as tx:
            await activity.record_events(tx, [about(one)])
            raise RollbackError
    async with transaction(WORK) as tx:
        await activity.record_events(tx, [about(one), about(other), about(one)])
        await activity.record_events(tx, [about(other), about(one)])
    assert await notices.until_now() == [",".join(sorted([one.customer_id.hex, other.customer_id.hex]))]


async def test_a_chunk_of_many_rows_sends_one_notification(notices: Notices) -> None:
    location = await make.location(await make.account())
    await notices.until_now()
    key = await run_import(location, *people(runner.FIRST_CHUNK, make.unique("row")))
    assert (await models.BulkImport.get(id=key)).invited_rows == runner.FIRST_CHUNK
    assert await notices.until_now() == [location.account_id.hex]


def subjects(number: int, account: UUID) -> list[Subject]:
    return [Subject(account, account, uuid4(), None) for _ in range(number)]


def test_many_customers_are_notified_of_by_account() -> None:
    account = uuid4()
    few = activity.notifications(subjects(MAX_KEYS, account))
    assert [payload.count(",") + 1 for payload in few] == [MAX_KEYS]
    assert len(few[0]) < MAX_PAYLOAD
    assert activity.notifications(subjects(MAX_KEYS + 1, account)) == [account.hex]


def test_notifications_of_many_accounts_fit_their_payload() -> None:
    made = activity.notifications([one for _ in range(450) for one in subjects(1, uuid4())])
    assert [payload.count(",") + 1 for payload in made] == [MAX_KEYS, MAX_KEYS, 50]
    assert max(len(payload) for payload in made) < MAX_PAYLOAD
