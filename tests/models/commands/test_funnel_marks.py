"""The funnel's daily counters equal a slow recount of the raw rows, whatever happens in whatever order."""

import asyncio
from collections.abc import Coroutine
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

import models
from models.clock import clock
from models.commands import agency_clients, answers
from models.commands.record_review import FoundReview, record_review
from models.connection import WORK, execute, fetch, fetch_one, pool, transaction
from models.reads.funnel import COUNTED, Days, FunnelRow, funnel_of, funnels
from models.reads.operation import Reads
from models.rules.enums import AccountKind, ActorKind
from models.rules.ids import uuid7
from tests import factories as make

T = TypeVar("T")
ZONE = "Pacific/Auckland"
SCORES = st.sampled_from([0, 6, 7, 8, 9, 10])  # on both sides of each threshold
ACTOR_KINDS = st.sampled_from([ActorKind.UNKNOWN, ActorKind.LIKELY_MACHINE])

RECOUNT = """
with seen as (
  select e.invitation_id, e.kind from activity_event e left join event_verdict v on v.event_id = e.id
  where e.account_id = $1 and coalesce(v.actor_kind, e.actor_kind) <> 'LIKELY_MACHINE'
), sent as (
  select i.id from invitation i where i.account_id = $1 and i.first_sent_at is not null
    and ($2::uuid is null or i.location_id = $2)
    and (i.first_sent_at at time zone $5)::date between coalesce($3::date, '-infinity') and coalesce($4::date, 'infinity')
), reached as (
  select s.id,
    exists (select 1 from message m where m.invitation_id = s.id and m.state in ('SENT', 'DELIVERED')) as delivered,
    exists (select 1 from seen e where e.invitation_id = s.id and e.kind = 'OPENED') as was_opened,
    exists (select 1 from seen e where e.invitation_id = s.id and e.kind = 'LINK_CLICKED')
      or exists (select 1 from activity_event e where e.invitation_id = s.id and e.kind = 'FEEDBACK_SUBMITTED') as was_clicked,
    exists (select 1 from activity_event e where e.invitation_id = s.id and e.kind = 'PLATFORM_CHOSEN') as platform_chosen,
    (select e.nps_score from activity_event e where e.invitation_id = s.id and e.kind = 'NPS_SUBMITTED'
      order by e.occurred_at desc, e.id desc limit 1) as score,
    exists (select 1 from activity_event e where e.invitation_id = s.id and e.kind = 'REVIEW_LINKED') as reviewed,
    (select r.rating from review r where r.invitation_id = s.id order by r.reviewed_on desc, r.id desc limit 1) as rating
  from sent s
), stages as (
  select *, was_clicked or platform_chosen or score is not null or reviewed as clicked from reached
)
select count(*)::int as invited, count(*) filter (where delivered)::int as delivered,
  count(*) filter (where was_opened or clicked)::int as opened,
  count(*) filter (where clicked)::int as clicked, count(*) filter (where platform_chosen)::int as platform_chosen,
  count(score)::int as nps_submitted, coalesce(sum(score), 0)::int as nps_sum,
  count(*) filter (where score >= 9)::int as promoters, count(*) filter (where score <= 6)::int as detractors,
  count(*) filter (where reviewed)::int as reviewed, count(rating)::int as rated, coalesce(sum(rating::numeric), 0) as rating_sum
from stages
"""


async def recounted(account: models.Account, location: UUID | None, days: Days) -> FunnelRow:
    row = await fetch_one(pool(WORK), RECOUNT, account.id, location, days.since, days.until, account.time_zone)
    assert row is not None
    return funnel_of(row)


class FunnelMachine(RuleBasedStateMachine):
    """An agency's client with two locations, and random actions of its customers."""

    loop: asyncio.AbstractEventLoop

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(30)

    @initialize()
    def begin(self) -> None:
        clock.set(datetime(2026, 9, 20, 9, tzinfo=UTC))
        self.sent: list[UUID] = []
        self.waiting: list[UUID] = []
        self.reviews: list[tuple[UUID, str]] = []
        self.run(self._begin())

    async def _begin(self) -> None:
        self.agency = await make.account(kind=AccountKind.AGENCY)
        self.account = await make.account(
            kind=AccountKind.AGENCY_CLIENT, agency_id=self.agency.id, time_zone=ZONE, overrides={"invitations": 1000}
        )
        async with transaction(WORK) as tx:
            await agency_clients.refresh(tx, [self.account.id], clock.now())
        self.locations = [await make.location(self.account, steps=(0,), cool_down_days=0, goals=[]) for _ in range(2)]

    @rule(index=st.integers(0, 1))
    def invite(self, index: int) -> None:
        self.waiting.append(self.run(make.invited(self.locations[index])))

    @precondition(lambda self: self.waiting)
    @rule()
    def send(self) -> None:
        key = self.waiting.pop(0)
        self.sent.append(self.run(make.sent(key)))

    @precondition(lambda self: self.waiting)
    @rule(kind=ACTOR_KINDS)
    def open_before_sent_is_recorded(self, kind: ActorKind) -> None:
        key = self.waiting[0]

        async def work() -> None:
            message = await models.Message.get(invitation_id=key)
            async with transaction(WORK) as tx:
                await answers.opened(tx, message.id, kind, clock.now())

        self.run(work())

    @precondition(lambda self: self.sent)
    @rule(
        data=st.data(),
        kind=ACTOR_KINDS,
        act=st.sampled_from(["open", "click", "unsubscribe page", "score", "note", "choose"]),
        score=SCORES,
    )
    def answer(self, data: st.DataObject, kind: ActorKind, act: str, score: int) -> None:
        key = data.draw(st.sampled_from(self.sent))

        async def work() -> None:
            async with transaction(WORK) as tx:
                if act == "open":
                    await answers.opened(tx, key, kind, clock.now())
                elif act == "click":
                    await answers.clicked(tx, key, kind, clock.now())
                elif act == "score":
                    await answers.score(tx, key, score, clock.now())
                elif act == "unsubscribe page":
                    await answers.unsubscribe_seen(tx, key, clock.now())
                elif act == "note":
                    await answers.note(tx, key, "Thanks", clock.now())
                else:
                    await answers.choose(tx, key, "google", clock.now())

        self.run(work())

    @precondition(lambda self: self.sent)
    @rule(data=st.data(), stars=st.sampled_from([None, 1.0, 3.5, 4.7, 5.0]), again=st.booleans())
    def review(self, data: st.DataObject, stars: float | None, again: bool) -> None:
        message = data.draw(st.sampled_from(self.sent))
        if not (again and self.reviews):
            self.reviews.append((message, uuid7().hex))
        message, external = self.reviews[-1]
        self.run(self._review(message, external, stars))

    async def _review(self, message: UUID, external: str, stars: float | None) -> None:
        row = await models.Message.get(id=message)
        found = FoundReview(
            account_id=row.account_id,
            location_id=row.location_id,
            platform="google",
            external_id=external,
            reviewer_name="Ann",
            reviewed_on=clock.now(),
            rating=stars,
            invitation_id=row.invitation_id,
        )
        async with transaction(WORK) as tx:
            await record_review(tx, found, clock.now())

    @rule(hours=st.sampled_from([0.0003, 1, 3, 14, 40]))
    def advance_time(self, hours: float) -> None:
        clock.move(timedelta(hours=hours))

    @invariant()
    def counters_equal_a_recount(self) -> None:
        if hasattr(self, "locations"):
            self.run(self._compare())

    async def _compare(self) -> None:
        today = clock.now().date()
        for days in (Days(), Days(today - timedelta(days=1), today), Days(until=today - timedelta(days=2))):
            await self._compare_in(days)
        row = await fetch_one(
            pool(WORK), "select nps_submitted, promoters, detractors, rated, rating_sum from agency_client where account_id = $1",
            self.account.id,
        )  # fmt: skip
        expected = await recounted(self.account, None, Days())
        assert row is not None
        assert {name: float(value) for name, value in row.items()} == {
            name: getattr(expected, name) for name in dict(row)
        }

    async def _compare_in(self, days: Days) -> None:
        expected = await recounted(self.account, None, days)
        assert expected.invited >= expected.delivered >= expected.opened >= expected.clicked
        assert expected.clicked >= max(expected.platform_chosen, expected.nps_submitted, expected.reviewed)
        assert await funnels(Reads(), [make.scope(self.account)], days) == {self.account.id: expected}
        for location in self.locations:
            counted = await funnels(Reads(), [make.scope(self.account, location)], days)
            assert counted == {self.account.id: await recounted(self.account, location.id, days)}
        assert await self._agency_total(days) == expected

    async def _agency_total(self, days: Days) -> FunnelRow:
        sums = ", ".join(f"sum({name}) as {name}" for name in COUNTED)
        row = await fetch_one(
            pool(WORK),
            f"select {sums} from funnel_day where account_id = $1 and location_id is null "
            "and day between coalesce($2::date, '-infinity') and coalesce($3::date, 'infinity')",
            self.agency.id,
            days.since,
            days.until,
        )
        assert row is not None
        return funnel_of(row)


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize("examples", [15, pytest.param(300, marks=pytest.mark.long)])
async def test_counters_equal_a_recount_after_random_actions(examples: int) -> None:
    FunnelMachine.loop = asyncio.get_running_loop()
    stateful = settings(
        max_examples=examples, stateful_step_count=25, deadline=None, database=None,
        suppress_health_check=list(HealthCheck), derandomize=examples < 100,
    )  # fmt: skip
    await asyncio.to_thread(run_state_machine_as_test, FunnelMachine, settings=stateful)


@pytest.mark.usefixtures("db")
async def test_concurrent_answers_are_all_counted() -> None:
    """Clients of one agency update the same daily counters, without deadlocks or lost updates."""
    agency = await make.account(kind=AccountKind.AGENCY)
    locations = []
    for _ in range(4):
        client = await make.account(kind=AccountKind.AGENCY_CLIENT, agency_id=agency.id)
        locations.append(await make.location(client))
    invitations = [await make.invited(location) for location in locations for _ in range(5)]
    messages = await asyncio.gather(*(make.sent(key) for key in invitations))

    async def score(key: UUID) -> None:
        async with transaction(WORK) as tx:
            await answers.score(tx, key, 10, clock.now())

    await asyncio.gather(*(score(key) for key in messages))
    rows = await fetch(
        pool(WORK), "select sum(invited) as i, sum(promoters) as p from funnel_day where account_id = $1", agency.id
    )
    assert [tuple(row) for row in rows] == [(20, 20)]


@pytest.mark.usefixtures("db")
async def test_an_invitation_counts_on_the_day_it_was_first_sent_in_the_accounts_time_zone() -> None:
    account = await make.account(time_zone="America/New_York")
    clock.set(datetime(2026, 11, 2, 3, tzinfo=UTC))  # still November 1 in New York
    await make.sent(await make.invited(await make.location(account)))
    rows = await fetch(pool(WORK), "select day from funnel_day where account_id = $1", account.id)
    assert [row["day"] for row in rows] == [date(2026, 11, 1)]


@pytest.mark.usefixtures("db")
async def test_scores_from_9_are_promoters_and_up_to_6_are_detractors() -> None:
    account = await make.account()
    location = await make.location(account)
    for score in (0, 6, 7, 8, 9, 10):
        message = await make.sent(await make.invited(location))
        async with transaction(WORK) as tx:
            await answers.score(tx, message, score, clock.now())
    row = (await funnels(Reads(), [make.scope(account)], Days()))[account.id]
    assert (row.promoters, row.detractors, row.nps_submitted, row.nps_sum) == (2, 2, 6, 40)


@pytest.mark.usefixtures("db")
async def test_joining_an_agency_adds_the_clients_history() -> None:
    agency = await make.account(kind=AccountKind.AGENCY)
    client = await make.account(kind=AccountKind.AGENCY_CLIENT)
    await make.sent(await make.invited(await make.location(client)))
    await execute(pool(WORK), "update account set agency_id = $2 where id = $1", client.id, agency.id)
    async with transaction(WORK) as tx:
        await agency_clients.join(tx, client.id, clock.now())
    rows = await fetch(pool(WORK), "select invited, delivered from funnel_day where account_id = $1", agency.id)
    assert [tuple(row) for row in rows] == [(1, 1)]
