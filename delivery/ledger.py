"""What the database says of a worker's messages: marks them as SENDING, records what became of them, and returns them. What several
connections ask at the same time is done together."""

import logging
from collections.abc import Sequence
from uuid import UUID

from delivery.batches import Batches
from delivery.transport import Answer, Verdict
from models.clock import clock
from models.commands import outcomes, sending
from models.commands.outcomes import Outcome
from models.commands.sending import ClaimedMessage
from models.connection import WORK, pool, retry_while_transient, transaction
from models.faults import log_fault
from models.rules.enums import MessageState

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


class Ledger:
    """The messages of one worker."""

    def __init__(self, worker: UUID, lease_seconds: float) -> None:
        self.worker, self.lease_seconds = worker, lease_seconds
        self._marks = Batches(self._mark)
        self._records = Batches(_record)
        self._returns = Batches(self._return)

    async def claim(self, most: int) -> list[ClaimedMessage]:
        """Claims at most this many due messages."""
        db, now = pool(WORK), clock.now()
        return await sending.claim(db, self.worker, now, max_messages=most, lease_seconds=self.lease_seconds)

    async def mark(self, message: ClaimedMessage) -> bool:
        """Marks a claimed message as SENDING. False if it must not be sent now; it is then rescheduled."""
        return await self._marks.add(message)

    async def record(self, message: ClaimedMessage, answer: Answer) -> Outcome:
        """Records what became of a marked message, however long the database is unavailable."""
        outcome = self._outcome(message, answer)
        await self._records.add(outcome)
        return outcome

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
        await self._records.finish()

    def _outcome(self, message: ClaimedMessage, answer: Answer) -> Outcome:
        state, held_back, ours = _OUTCOMES[answer.verdict]
        reply = answer.reply or None
        return Outcome(message.id, state, clock.now(), reply, held_back=held_back, ours=ours, worker=self.worker)

    async def _mark(self, messages: Sequence[ClaimedMessage]) -> list[bool]:
        """After an error nobody knows which are marked, but none was sent, so all go back."""
        try:
            return await self._try_to_mark(messages)
        except Exception:
            await _record([self._outcome(message, Answer(Verdict.NOT_SENT, "")) for message in messages])
            raise

    async def _try_to_mark(self, messages: Sequence[ClaimedMessage]) -> list[bool]:
        marked = await sending.stamp(pool(WORK), messages, self.worker, clock.now(), lease_seconds=self.lease_seconds)
        refused = [message.id for message in messages if message.id not in marked]
        if refused:
            async with transaction(WORK) as tx:
                await sending.reschedule(tx, refused, self.worker, clock.now())
        return [_take_out(marked, message.id) for message in messages]

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


async def _record(results: Sequence[Outcome]) -> list[None]:
    """Records outcomes, and retries while the database is unavailable, since only this process knows them."""
    await retry_while_transient(lambda: _settle(results), "outcomes wait until the database is back")
    return [None] * len(results)


async def _settle(results: Sequence[Outcome]) -> None:
    async with transaction(WORK) as tx:
        await outcomes.settle(tx, results)
