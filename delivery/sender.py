"""The delivery loop: claims, renders, stamps, sends and records messages, and survives failures of database and relay."""

import asyncio
import logging
import random
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from uuid import UUID

from delivery.links import Links
from delivery.render import RenderError, render
from delivery.transport import Answer, Envelope, Transport, Verdict
from models.clock import clock
from models.commands import outcomes, sending
from models.commands.outcomes import Outcome
from models.commands.sending import ClaimedMessage
from models.connection import WORK, pool, retry_pause, retry_while_transient, transaction
from models.faults import is_transient, log_fault
from models.rules.enums import MessageState

BATCH, MICRO_BATCH = 100, 20
IDLE_SECONDS, LONGEST_PAUSE = 0.2, 30.0
log = logging.getLogger(__name__)

_STATES = {
    Verdict.SENT: MessageState.SENT,
    Verdict.DEFERRED: MessageState.DEFERRED,
    Verdict.REFUSED: MessageState.FAILED,
    Verdict.DOWN: MessageState.SCHEDULED,
    Verdict.HELD_BACK: MessageState.SCHEDULED,
    Verdict.UNKNOWN: MessageState.UNKNOWN,
}


@dataclass
class Sender:
    """Delivers a worker's messages. `pause` grows while the relay is down."""

    transport: Transport
    links: Links
    worker: UUID
    lease_seconds: float = 60.0
    pause: float = field(default=0.0, init=False)

    async def run(self, stop: asyncio.Event) -> None:
        """Delivers until `stop`, then finishes stamped messages and releases the others."""
        attempt = 0
        while not stop.is_set():
            try:
                idle = not await self.round(stop)
                wait, attempt = self.pause or (IDLE_SECONDS if idle else 0.0), 0
            except Exception as error:  # noqa: BLE001 - the loop must survive any failure
                log_fault(log, "delivery paused", error)
                wait, attempt = self._pause_after(error, attempt), attempt + 1
                await self._release()
            if wait:
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), wait)
        await self._release()
        await self.transport.close()

    async def _release(self) -> None:
        """Returns messages that were claimed but not stamped."""
        with suppress(Exception):  # otherwise the reaper does it
            async with transaction(WORK) as tx:
                await sending.release(tx, self.worker)

    def _pause_after(self, error: Exception, attempt: int) -> float:
        """Short where the database is away; longer each time where only another version of the program will help."""
        if is_transient(error):
            return retry_pause(attempt)
        self._slow_down()
        return self.pause

    def _slow_down(self) -> None:
        self.pause = min(max(self.pause * 2, 0.2), LONGEST_PAUSE) * random.uniform(0.8, 1.2)  # noqa: S311 - jitter

    async def round(self, stop: asyncio.Event | None = None) -> int:
        """Claims due messages and sends them; returns how many were claimed."""
        claimed = await sending.claim(
            pool(WORK), self.worker, clock.now(), max_messages=BATCH, lease_seconds=self.lease_seconds
        )
        if await self._deliver_all(claimed, stop):
            self._slow_down()
        else:
            self.pause = 0.0
        return len(claimed)

    async def _deliver_all(self, claimed: Sequence[ClaimedMessage], stop: asyncio.Event | None) -> bool:
        """Delivers in small batches; returns whether the relay is down. Releases what is left then, and the remaining
        messages of senders that the relay refuses."""
        refused: set[str] = set()
        down = False
        for start in range(0, len(claimed), MICRO_BATCH):
            if down or (stop is not None and stop.is_set()):
                break
            batch = [one for one in claimed[start : start + MICRO_BATCH] if one.sender.email not in refused]
            verdicts = await self._deliver(batch) if batch else {}
            refused |= {one.sender.email for one in batch if verdicts.get(one.id) is Verdict.HELD_BACK}
            down = Verdict.DOWN in verdicts.values()
        if down or refused:
            async with transaction(WORK) as tx:
                await sending.release(tx, self.worker)
        return down

    async def _deliver(self, messages: Sequence[ClaimedMessage]) -> dict[UUID, Verdict]:
        """Renders, stamps and sends messages; returns the verdicts of those sent. Renders first, so that little time passes
        between stamping and sending."""
        envelopes, broken = _render(messages, self.links)
        if broken:
            await self._fail(broken)
        ready = [message for message in messages if message.id in envelopes]
        stamped = await sending.stamp(pool(WORK), ready, self.worker, clock.now(), lease_seconds=self.lease_seconds)
        not_stamped = [message.id for message in ready if message.id not in stamped]
        if not_stamped:
            async with transaction(WORK) as tx:
                await sending.reschedule(tx, not_stamped, self.worker, clock.now())
        return await self._send([(key, envelopes[key]) for key in envelopes if key in stamped])

    async def _send(self, stamped: Sequence[tuple[UUID, Envelope]]) -> dict[UUID, Verdict]:
        replies = await asyncio.gather(*(self.transport.send(envelope) for _, envelope in stamped))
        answers = {key: answer for (key, _), answer in zip(stamped, replies, strict=True)}
        await _record([_outcome(key, answer) for key, answer in answers.items()])
        for key, answer in answers.items():
            if answer.verdict is Verdict.HELD_BACK:
                log.warning("message %s: the relay refuses its sender: %s", key.hex, answer.reply[:3])
        return {key: answer.verdict for key, answer in answers.items()}

    async def _fail(self, broken: Sequence[tuple[ClaimedMessage, str]]) -> None:
        """Fails messages whose template cannot be rendered."""
        keys = [message.id for message, _ in broken]
        messages = [message for message, _ in broken]
        stamped = await sending.stamp(pool(WORK), messages, self.worker, clock.now(), lease_seconds=self.lease_seconds)
        for message, why in broken:
            words = "message %s cannot be rendered (%s): correct its template %s with plaudit apply, then invite the customer again"
            log.error(words, message.id.hex, why.partition(":")[0], message.template_id.hex)
        reasons = {message.id: why for message, why in broken}
        now = clock.now()
        await _record([Outcome(key, MessageState.FAILED, now, reasons[key]) for key in keys if key in stamped])


def _render(
    messages: Sequence[ClaimedMessage], links: Links
) -> tuple[dict[UUID, Envelope], list[tuple[ClaimedMessage, str]]]:
    envelopes: dict[UUID, Envelope] = {}
    broken: list[tuple[ClaimedMessage, str]] = []
    for message in messages:
        try:
            envelopes[message.id] = render(message, links, clock.now())
        except (RenderError, ValueError) as error:
            broken.append((message, str(error)))
    return envelopes, broken


def _outcome(key: UUID, answer: Answer) -> Outcome:
    held_back = answer.verdict is Verdict.HELD_BACK
    return Outcome(key, _STATES[answer.verdict], clock.now(), answer.reply, held_back)


async def _record(results: Sequence[Outcome]) -> None:
    """Records outcomes, and retries while the database is down, since only this process knows them."""
    if results:
        await retry_while_transient(lambda: _settle(results), "outcomes wait until the database is back")


async def _settle(results: Sequence[Outcome]) -> None:
    async with transaction(WORK) as tx:
        await outcomes.settle(tx, results)
