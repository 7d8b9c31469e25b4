"""The live timeline: each event once and in order, whatever commits when, for as long as the viewer may see the customer."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg
import pytest
from websockets.asyncio.client import ClientConnection

import models
from models.clock import clock
from models.commands import activity
from models.commands.activity import SYSTEM, Event, Subject
from models.connection import WORK, Db, execute, pool, transaction
from models.rules import ids
from models.rules.enums import ActivityKind, Role
from resolvers import live_timeline
from tests import factories as make
from tests.gateway import Api, receive, subscribe

FOLLOW = "subscription ($id: ID!, $after: ID) { customerActivity(customerId: $id, after: $after) { id kind npsScore } }"


@dataclass(frozen=True)
class Followed:
    """A customer, and a member of the account who can see them."""

    subject: Subject
    member: models.User

    @property
    def id(self) -> str:
        return ids.public_id(ids.CUSTOMER, self.subject.customer_id)

    async def record(self, *scores: int, tx: Db | None = None) -> None:
        """Adds an event for each score, all at the same moment."""
        if tx is None:
            async with transaction(WORK) as own:
                return await self.record(*scores, tx=own)
        kind, now = ActivityKind.NPS_SUBMITTED, clock.now()
        events = [Event(self.subject, kind, SYSTEM, now, nps_score=score) for score in scores]
        await activity.record_events(tx, events)
        return None

    async def ids_of_events(self) -> list[str]:
        rows = await models.ActivityEvent.filter(customer_id=self.subject.customer_id).order_by("occurred_at", "id")
        return [ids.public_id(ids.EVENT, row.id) for row in rows]


async def followed(role: Role = Role.OWNER) -> Followed:
    account = await make.account()
    location = await make.location(account)
    row = await models.Invitation.get(id=await make.invited(location))
    return Followed(Subject(account.id, location.id, row.customer_id, row.id), await make.member(account, role))


async def score(socket: ClientConnection) -> int | None:
    message = await receive(socket)
    assert message["type"] == "next", message
    number: int | None = message["payload"]["data"]["customerActivity"]["npsScore"]
    return number


async def refusal(socket: ClientConnection) -> str:
    """The code of the error that ends a stream."""
    payload = (await receive(socket))["payload"]
    assert payload["data"] == {"customerActivity": None}
    assert (await receive(socket))["type"] == "complete"
    return str(payload["errors"][0]["extensions"]["code"])


async def test_stream_has_what_is_recorded_from_now_on(api: Api) -> None:
    customer = await followed(Role.VIEWER)
    await customer.record(0)
    async with api.connected(customer.member) as socket:
        await subscribe(socket, FOLLOW, id=customer.id)
        first = asyncio.create_task(score(socket))
        number = 0
        while not first.done():  # nothing tells when a stream has begun
            number += 1
            await customer.record(number)
            await asyncio.wait({first}, timeout=0.05)
        seen = [await first]
        await customer.record(number + 1)
        while seen[-1] != number + 1:
            seen.append(await score(socket))
    assert seen[0] != 0
    assert seen == list(range(seen[0] or 0, number + 2))


async def test_stream_goes_on_after_an_event_without_loss_or_repetition(api: Api) -> None:
    customer = await followed()
    for number in range(1, 4):
        await customer.record(number)
    first, _, third, _ = await customer.ids_of_events()
    async with api.connected(customer.member) as socket:
        await subscribe(socket, FOLLOW, id=customer.id, after=first)
        assert [await score(socket) for _ in range(3)] == [1, 2, 3]
        await subscribe(socket, FOLLOW, "2", id=customer.id, after=third)
        message = await receive(socket)
        assert (message["id"], message["payload"]["data"]["customerActivity"]["npsScore"]) == ("2", 3)


async def test_events_of_one_transaction_and_moment_are_all_sent(api: Api) -> None:
    customer = await followed()
    (begin,) = await customer.ids_of_events()
    await customer.record(*range(1, 31))
    async with api.connected(customer.member) as socket:
        await subscribe(socket, FOLLOW, id=customer.id, after=begin)
        assert sorted([await score(socket) or 0 for _ in range(30)]) == list(range(1, 31))


@asynccontextmanager
async def records_slowly(customer: Followed, number: int) -> AsyncIterator[None]:
    """Another transaction adds an event before the block, and commits after it."""
    recorded, commit = asyncio.Event(), asyncio.Event()

    async def record() -> None:
        async with transaction(WORK) as tx:
            await customer.record(number, tx=tx)
            recorded.set()
            await commit.wait()

    recording = asyncio.create_task(record())
    await recorded.wait()
    yield
    commit.set()
    await recording


async def test_event_of_a_transaction_that_commits_later_is_not_lost(api: Api) -> None:
    customer = await followed()
    (begin,) = await customer.ids_of_events()
    async with api.connected(customer.member) as socket:
        await subscribe(socket, FOLLOW, id=customer.id, after=begin)
        async with records_slowly(customer, 1):
            await customer.record(2)
            waiting = asyncio.create_task(receive(socket))
            await asyncio.wait({waiting}, timeout=0.5)
            assert not waiting.done()
        first = (await waiting)["payload"]["data"]["customerActivity"]
        assert (first["npsScore"], await score(socket)) == (1, 2)
        await subscribe(socket, FOLLOW, "2", id=customer.id, after=first["id"])
        assert await score(socket) == 2


async def test_another_customers_event_and_an_unknown_one_are_bad_user_input(api: Api) -> None:
    customer, other = await followed(), await followed()
    (foreign,) = await other.ids_of_events()
    async with api.connected(customer.member) as socket:
        for after in (foreign, "evt_1", "", f"evt_{'0' * 32}", customer.id):
            await subscribe(socket, FOLLOW, id=customer.id, after=after)
            assert await refusal(socket) == "BAD_USER_INPUT"


async def test_event_of_another_customer_of_the_same_account_is_bad_user_input(api: Api) -> None:
    customer = await followed()
    location = await models.Location.get(id=customer.subject.location_id)
    row = await models.Invitation.get(id=await make.invited(location))
    event = await models.ActivityEvent.get(customer_id=row.customer_id)
    async with api.connected(customer.member) as socket:
        await subscribe(socket, FOLLOW, id=customer.id, after=ids.public_id(ids.EVENT, event.id))
        assert await refusal(socket) == "BAD_USER_INPUT"


async def test_customer_out_of_scope_is_bad_user_input(api: Api) -> None:
    customer, stranger = await followed(), await followed()
    account = await models.Account.get(id=customer.subject.account_id)
    elsewhere = await make.member(account, Role.MANAGER, all_locations=False)
    for who, key in ((stranger.member, customer.id), (elsewhere, customer.id), (customer.member, "cus_1")):
        async with api.connected(who) as socket:
            await subscribe(socket, FOLLOW, id=key)
            assert await refusal(socket) == "BAD_USER_INPUT"


async def test_stream_ends_when_the_customer_is_erased(api: Api) -> None:
    customer = await followed()
    (begin,) = await customer.ids_of_events()
    await customer.record(1)
    async with api.connected(customer.member) as socket:
        await subscribe(socket, FOLLOW, id=customer.id, after=begin)
        assert await score(socket) == 1
        key = customer.subject.customer_id
        await execute(pool(WORK), "delete from invitation where customer_id = $1", key)
        await execute(pool(WORK), "delete from customer where id = $1", key)
        assert await refusal(socket) == "BAD_USER_INPUT"


async def test_stream_survives_lost_connections(api: Api, db: str) -> None:
    customer = await followed()
    (begin,) = await customer.ids_of_events()
    await customer.record(1)
    async with api.connected(customer.member) as socket:
        await subscribe(socket, FOLLOW, id=customer.id, after=begin)
        assert await score(socket) == 1
        other = await asyncpg.connect(db)
        await other.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where pid <> pg_backend_pid() and datname = current_database()"
        )
        # Without a notification, while the listening connection may still be down.
        await other.execute(
            "insert into activity_event (account_id, location_id, customer_id, kind, occurred_at, actor_kind, nps_score) "
            "select account_id, location_id, customer_id, kind, now(), actor_kind, 2 from activity_event "
            "where customer_id = $1 and nps_score = 1",
            customer.subject.customer_id,
        )
        await other.close()
        assert await score(socket) == 2


async def test_events_reach_the_subscribers_of_another_process_at_once(api: Api, row_security_api: Api) -> None:
    customer = await followed()
    (begin,) = await customer.ids_of_events()
    await customer.record(1)
    async with api.connected(customer.member) as here, row_security_api.connected(customer.member) as there:
        for socket in (here, there):
            await subscribe(socket, FOLLOW, id=customer.id, after=begin)
            assert await score(socket) == 1
        await customer.record(2)
        async with asyncio.timeout(3):  # less than the pause between reads without a notification
            assert [await score(here), await score(there)] == [2, 2]


async def test_slow_reader_gets_every_event(api: Api) -> None:
    customer = await followed()
    (begin,) = await customer.ids_of_events()
    async with api.connected(customer.member) as socket:
        await subscribe(socket, FOLLOW, id=customer.id, after=begin)
        for number in range(1, 41):
            await customer.record(number)
        assert [await score(socket) for _ in range(40)] == list(range(1, 41))


async def test_events_are_sent_though_a_transaction_of_somebody_else_does_not_end(
    api: Api, db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_timeline, "MAX_SETTLE_SECONDS", 1.0)
    customer = await followed()
    (begin,) = await customer.ids_of_events()
    idle = await asyncpg.connect(db)
    async with idle.transaction():
        await idle.execute("create temporary table forgotten (x int)")
        for number in range(1, 21):
            await customer.record(number)
        async with asyncio.timeout(10), api.connected(customer.member) as socket:  # all wait once, not each
            await subscribe(socket, FOLLOW, id=customer.id, after=begin)
            assert [await score(socket) for _ in range(20)] == list(range(1, 21))
    await idle.close()
