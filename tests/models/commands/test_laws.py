"""Invariants of invitations hold whatever happens to them in whatever order."""

import asyncio
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid4

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
from models.commands import answers, outcomes, sending, upkeep
from models.commands.intake import Person
from models.commands.outcomes import Outcome
from models.commands.stop import restart, stop
from models.connection import WORK, fetch, pool, transaction
from models.rules.enums import InvitationState, MessageState, StopReason
from models.rules.errors import Refusal
from models.rules.lifecycle import GOING, OPEN, UNSENT
from tests import factories as make

ALLOWANCE = 6
T = TypeVar("T")


class InvitationMachine(RuleBasedStateMachine):
    """One location, four customers, and random actions on their invitations."""

    loop: asyncio.AbstractEventLoop
    account: models.Account
    location: models.Location

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(30)

    @initialize(steps=st.sampled_from([(0,), (0, 3)]))
    def begin(self, steps: tuple[float, ...]) -> None:
        clock.set(datetime(2026, 5, 4, 9, tzinfo=UTC))
        self.passed_to_relay: list[tuple[UUID, int]] = []
        self.sent: list[UUID] = []
        self.unknown: list[UUID] = []
        self.proven: set[UUID] = set()
        self.invitations: list[UUID] = []
        self.run(self._begin(steps))

    async def _begin(self, steps: tuple[float, ...]) -> None:
        self.account = await make.account(overrides={"invitations": ALLOWANCE})
        self.location = await make.location(self.account, steps=steps, cool_down_days=0)
        self.people = [make.person() for _ in range(4)]
        self.worker = uuid4()

    @rule(index=st.integers(0, 3))
    def invite(self, index: int) -> None:
        async def work(person: Person) -> None:
            self.invitations.append(await make.invited(self.location, person))

        self._try(work(self.people[index]))

    @precondition(lambda self: self.invitations)
    @rule(data=st.data(), reason=st.sampled_from([StopReason.OTHER, StopReason.OTHER, StopReason.CUSTOMER_ASKED]))
    def stop(self, data: st.DataObject, reason: StopReason) -> None:
        key = data.draw(st.sampled_from(self.invitations))

        async def work() -> None:
            async with transaction() as tx:
                await stop(tx, key, reason, make.MEMBER, clock.now())

        self._try(work())

    @precondition(lambda self: self.invitations)
    @rule(data=st.data())
    def restart(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(self.invitations))

        async def work() -> None:
            async with transaction() as tx:
                await restart(tx, key, make.MEMBER, clock.now())

        self._try(work())

    @rule(
        state=st.sampled_from(
            [
                MessageState.SENT,
                MessageState.SENT,
                MessageState.DEFERRED,
                MessageState.FAILED,
                MessageState.UNKNOWN,
                MessageState.SCHEDULED,
            ]
        ),
        stopped_meanwhile=st.booleans(),
    )
    def deliver(self, state: MessageState, stopped_meanwhile: bool) -> None:
        self.run(self._deliver(state, stopped_meanwhile))

    async def _deliver(self, state: MessageState, stopped_meanwhile: bool) -> None:
        claimed = await self._claimed()
        stamped = await sending.stamp(pool(WORK), claimed, self.worker, clock.now(), lease_seconds=60)
        if stopped_meanwhile and claimed:
            async with transaction() as tx:
                await stop(tx, claimed[0].invitation_id, StopReason.OTHER, make.MEMBER, clock.now())
        async with transaction(WORK) as tx:
            await outcomes.settle(tx, [Outcome(key, state, clock.now(), "said") for key in stamped])
            await sending.release(tx, self.worker)
        if state in (MessageState.SENT, MessageState.UNKNOWN):
            self.passed_to_relay += [
                (message.invitation_id, message.step) for message in claimed if message.id in stamped
            ]
        if state is MessageState.SENT:
            self.sent += [message.id for message in claimed if message.id in stamped]
        if state is MessageState.UNKNOWN:
            self.unknown += [message.id for message in claimed if message.id in stamped]

    @rule(stopped_meanwhile=st.booleans(), late_answer=st.booleans())
    def lose_worker(self, stopped_meanwhile: bool, late_answer: bool) -> None:
        """A worker with claimed and stamped messages and expired leases; it may still report them as sent."""
        self.run(self._lose(stopped_meanwhile, late_answer))

    async def _lose(self, stopped_meanwhile: bool, late_answer: bool) -> None:
        claimed = await self._claimed(lease_seconds=-1)
        stamped = await sending.stamp(pool(WORK), claimed[::2], self.worker, clock.now(), lease_seconds=-1)
        if stopped_meanwhile and stamped:
            async with transaction() as tx:
                await stop(tx, claimed[0].invitation_id, StopReason.OTHER, make.MEMBER, clock.now())
        await sending.reap(clock.now())
        self.passed_to_relay += [(message.invitation_id, message.step) for message in claimed if message.id in stamped]
        self.unknown += list(stamped)
        if late_answer:
            self.proven |= stamped
            async with transaction(WORK) as tx:
                await outcomes.settle(tx, [Outcome(key, MessageState.SENT, clock.now()) for key in stamped])

    @precondition(lambda self: self.unknown)
    @rule(data=st.data())
    def prove(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(self.unknown))

        async def work() -> None:
            async with transaction(WORK) as tx:
                await outcomes.confirm_sent(tx, key)

        self.proven.add(key)
        self.run(work())

    async def _claimed(self, lease_seconds: float = 60) -> list[sending.ClaimedMessage]:
        """Claims messages of this account only. High limits, since other tests and examples share the database."""
        limits = {"max_messages": 20_000, "max_lanes": 2_000}
        rows = await sending.claim(pool(WORK), self.worker, clock.now(), **limits, lease_seconds=lease_seconds)
        return [row for row in rows if row.account_id == self.account.id]

    @precondition(lambda self: self.sent)
    @rule(data=st.data(), score=st.integers(0, 10))
    def answer(self, data: st.DataObject, score: int) -> None:
        key = data.draw(st.sampled_from(self.sent))

        async def work() -> None:
            async with transaction(WORK) as tx:
                await answers.score(tx, key, score, clock.now())

        self.run(work())

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def unsubscribe(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(self.sent))

        async def work() -> None:
            async with transaction(WORK) as tx:
                await answers.unsubscribe(tx, key, clock.now())

        self.run(work())

    @rule(hours=st.sampled_from([1, 20, 80, 200, 900]))
    def advance_time(self, hours: int) -> None:
        clock.move(timedelta(hours=hours))

        async def work() -> None:
            now = clock.now()
            async with transaction(WORK) as tx:
                await sending.hold_overdue(tx, now)
            async with transaction(WORK) as tx:
                await upkeep.finish_sequences(tx, now)
            await upkeep.roll_reservations(now)
            await upkeep.release_held(now)
            await sending.repair_lanes(pool(WORK), now)

        self.run(work())

    def _try(self, work: Coroutine[Any, Any, None]) -> None:
        """Ignores refusals; the invariants must hold after them too."""
        try:
            self.run(work)
        except Refusal:
            return

    @invariant()
    def invariants_hold(self) -> None:
        if hasattr(self, "people"):
            self.run(self._check_invariants())

    async def _check_invariants(self) -> None:
        assert len(self.passed_to_relay) == len(set(self.passed_to_relay)), "a step was sent twice"
        rows = await fetch(pool(WORK), _INVITATIONS, self.account.id, sorted(UNSENT))
        for row in rows:
            self._check_invitation(InvitationState(row["state"]), row)
        await self._check_counters(rows)
        addresses = [row["email"] for row in rows if row["state"] in OPEN]
        assert len(addresses) == len(set(addresses)), "two open invitations to one address"

    def _check_invitation(self, state: InvitationState, row: Any) -> None:
        if state not in OPEN:
            assert row["unsent"] == 0, f"{state} has messages to send"
        if state in (InvitationState.STOPPED, InvitationState.HELD):
            assert row["waiting"] == 0, f"{state} has messages that are due"
        if state in GOING:
            can_end = row["waiting"] or row["answer_until"] is not None
            assert can_end, f"{state} has nothing to send and no answer window"
        if state is InvitationState.QUEUED:
            assert row["first_sent_at"] is None
        if state is InvitationState.ACTIVE:
            assert row["first_sent_at"] is not None
        assert not (state in GOING and row["suppressed"]), "an open invitation to a suppressed address"
        reserved = row["reserved_cycle"] is not None
        going = state in GOING and row["first_sent_at"] is None
        assert reserved == going or (reserved and row["unknown"]), f"{state}: reservation {reserved}"

    async def _check_counters(self, rows: list[Any]) -> None:
        counters = await fetch(
            pool(WORK), "select sum(invited)::int, sum(reserved)::int, max(invited) from account_usage where account_id = $1",
            self.account.id,
        )  # fmt: skip
        invited, reserved, most = (value or 0 for value in counters[0])
        assert invited == sum(row["first_sent_at"] is not None for row in rows)
        assert reserved == sum(row["reserved_cycle"] is not None for row in rows)
        # The reservation of an UNKNOWN message may have been returned before it was confirmed as sent.
        assert most <= ALLOWANCE + len(self.proven)


_INVITATIONS = """
select i.state, i.first_sent_at, i.reserved_cycle, i.answer_until, c.email,
  exists (select 1 from suppression s where s.account_id = i.account_id
    and s.address_key = public.plaudit_address_key(c.email)) as suppressed,
  (select count(*) from message m where m.invitation_id = i.id and m.state = any($2::text[])) as unsent,
  exists (select 1 from message m where m.invitation_id = i.id and m.state = 'UNKNOWN') as unknown,
  (select count(*) from message m where m.invitation_id = i.id and m.state in ('SCHEDULED', 'CLAIMED', 'DEFERRED')) as waiting
from invitation i join customer c on c.id = i.customer_id where i.account_id = $1
"""


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize("examples", [30, pytest.param(400, marks=pytest.mark.long)])
async def test_invariants_hold_after_random_actions(examples: int) -> None:
    InvitationMachine.loop = asyncio.get_running_loop()
    stateful = settings(
        max_examples=examples, stateful_step_count=25, deadline=None, database=None,
        suppress_health_check=list(HealthCheck), derandomize=examples < 100,
    )  # fmt: skip
    await asyncio.to_thread(run_state_machine_as_test, InvitationMachine, settings=stateful)
