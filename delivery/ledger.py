"""What the database says of a worker's messages: marks them as SENDING, records what became of them, and returns them. What several
connections ask at the same time is done together."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from delivery.batches import Batches
from delivery.transport import Answer, Verdict
from models.clock import clock
from models.commands import outcomes, sending
from models.commands.outcomes import Outcome
from models.commands.sending import ClaimedMessage
from models.connection import SENDING, WORK, Db, pool, retry_while_transient, transaction
from models.faults import log_fault
from models.rules.enums import MessageState

LINGER_SECONDS = 0.005
"""How long what one connection asks waits for what others ask: far less than a relay takes, and enough for all that were waiting
for the same transaction."""
log = logging.getLogger(__name__)

_OUTCOMES = {
    Verdict.SENT: (MessageState.SENT, False, False),
    Verdict.UNKNOWN: (MessageState.UNKNOWN, False, False),
    Verdict.DEFERRED: (MessageState.DEFERRED, False, False),
    Verdict.REFUSED: (MessageState.FAILED, False, False),
    Verdict.HELD_BACK: (MessageState.SCHEDULED, True, True),
    Verdict.REJECTED: (MessageState.DEFERRED, True, True),
    Verdict.POSTPONED: (MessageState.DEFERRED, False, True),
    Verdict.NOT_SENT: (MessageState.SCHEDULED, False, False),
    Verdict.DOWN: (MessageState.SCHEDULED, False, False),
}
"""By verdict: the message's state, whether its lane is held back, and whether the cause is ours rather than the person's."""


@dataclass(frozen=True, slots=True)
class _Turn:
    """What a connection asks between two messages."""

    done: Outcome | None
    following: ClaimedMessage | None


class Ledger:
    """The messages of one worker."""

    def __init__(self, worker: UUID, lease_seconds: float, connections: Callable[[], int]) -> None:
        self.worker, self.lease_seconds = worker, lease_seconds
        self._turns = Batches(self._take_turns, linger=LINGER_SECONDS, expected=connections)
        self._returns = Batches(self._return)

    async def claim(self, most: int) -> list[ClaimedMessage]:
        """Claims at most this many due messages."""
        db, now = pool(WORK), clock.now()
        return await sending.claim(db, self.worker, now, max_messages=most, lease_seconds=self.lease_seconds)

    async def mark(self, message: ClaimedMessage) -> bool:
        """Marks a claimed message as SENDING. False if it must not be sent now; it is then rescheduled."""
        return await self._turns.add(_Turn(None, message))

    async def record(self, outcome: Outcome, following: ClaimedMessage | None = None) -> bool:
        """Records what became of a marked message, however long the database is unavailable, and marks the following one in the
        same transaction. Returns whether that is marked."""
        return await self._turns.add(_Turn(outcome, following))

    async def give_back(self, key: UUID) -> None:
        """Returns a claimed message, due as before."""
        await self._returns.add(key)

    async def give_back_all(self) -> None:
        """Returns everything that is claimed and not marked."""
        async with transaction(WORK) as tx:
            await sending.release(tx, self.worker)

    async def renew(self, ids: Sequence[UUID]) -> None:
        """Extends the leases of these messages."""
        try:
            await sending.renew(pool(WORK), ids, self.worker, self.lease_seconds)
        except Exception as error:  # noqa: BLE001 - the next one may succeed
            log_fault(log, "leases not renewed", error)

    async def finish(self) -> None:
        """Waits until all outcomes are recorded."""
        await self._turns.finish()

    def outcome(self, message: ClaimedMessage, answer: Answer) -> Outcome:
        """What became of a message whose answer is here now."""
        state, held_back, ours = _OUTCOMES[answer.verdict]
        reply = answer.reply or None
        return Outcome(message.id, state, clock.now(), reply, held_back=held_back, ours=ours, worker=self.worker)

    async def _take_turns(self, turns: Sequence[_Turn]) -> list[bool]:
        """After an error nobody knows what was committed. Outcomes are recorded again, since only this process knows them; of the
        messages to mark none was sent, so all go back."""
        done = [turn.done for turn in turns if turn.done]
        messages = [turn.following for turn in turns if turn.following]
        try:
            marked = await self._try_to_take(done, messages)
        except Exception:
            done += [self.outcome(message, Answer(Verdict.NOT_SENT, "")) for message in messages]
            await retry_while_transient(lambda: _settle(done), "outcomes wait until the database is back")
            if messages:
                raise
            marked = set()
        return [turn.following is not None and _take_out(marked, turn.following.id) for turn in turns]

    async def _try_to_take(self, done: Sequence[Outcome], messages: Sequence[ClaimedMessage]) -> set[UUID]:
        async with transaction(SENDING) as tx:
            rest = await outcomes.begin(tx, done)
            marked = await self._stamp(tx, messages)
            await outcomes.finish(tx, rest)
        refused = [message.id for message in messages if message.id not in marked]
        if refused:
            async with transaction(WORK) as tx:
                await sending.reschedule(tx, refused, self.worker, clock.now())
        return marked

    async def _stamp(self, tx: Db, messages: Sequence[ClaimedMessage]) -> set[UUID]:
        return await sending.stamp(tx, messages, self.worker, clock.now(), lease_seconds=self.lease_seconds)

    async def _return(self, ids: Sequence[UUID]) -> list[None]:
        async with transaction(WORK) as tx:
            await sending.release(tx, self.worker, ids)
        return [None] * len(ids)


def _take_out(marked: set[UUID], key: UUID) -> bool:
    """Whether a message is marked, once: two claims of it, the first of which was returned, may be in one batch."""
    if key in marked:
        marked.remove(key)
        return True
    return False


async def _settle(done: Sequence[Outcome]) -> None:
    async with transaction(SENDING) as tx:
        await outcomes.settle(tx, done)
