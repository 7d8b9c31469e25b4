"""The delivery loop: claims and renders messages; each connection marks one as SENDING, sends it and records what became of it
before it takes the next."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from uuid import UUID

from delivery.domains import Domains
from delivery.fill import RenderError
from delivery.health import Health
from delivery.ledger import Ledger
from delivery.refusals import Refusals
from delivery.render import Writer
from delivery.smtp import LOST, Habits, Relay, Session
from delivery.transport import Answer, Envelope, Verdict
from models.clock import clock, first_of
from models.commands.outcomes import Outcome
from models.commands.sending import ClaimedMessage
from models.connection import retry_pause
from models.faults import is_transient, log_fault

BATCH = 100
IDLE_SECONDS = 0.2
SLOW_SECONDS = 5.0
"""A connection that has waited for the relay this long is replaced by another one meanwhile."""
UNDECIDED_SECONDS = 600.0
"""How long it is remembered that a message's connection ended before anything was decided."""
STOP_SECONDS = 5.0
"""How long a stopping worker waits for replies to texts that it has sent."""
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ready:
    """A claimed and rendered message."""

    message: ClaimedMessage
    envelope: Envelope

    @property
    def domain(self) -> str:
        return self.envelope.recipient.rpartition("@")[2].lower()


class Sender:
    """Delivers a worker's messages over a number of connections.

    A connection on which the relay is slow is replaced by another one until it is done, and its recipient's domain gets at
    most half of the connections meanwhile.
    """

    def __init__(
        self,
        relay: Relay,
        writer: Writer,
        worker: UUID,
        *,
        connections: int = 4,
        lease_seconds: float = 60.0,
        health: Health | None = None,
    ) -> None:
        self.relay, self.writer = relay, writer
        self.connections = connections
        self.health, self.habits = health or Health(), Habits()
        self.queue: asyncio.Queue[Ready | None] = asyncio.Queue()
        """Messages to deliver. None: only connect, to see whether the relay can be used."""
        self.sessions: dict[Session, asyncio.Task[None]] = {}
        self.stopping = False
        self.ledger = Ledger(worker, lease_seconds, lambda: len(self._busy))
        self._more = asyncio.Event()
        """Set when the queue is short, or the relay has accepted a connection."""
        self._held: set[UUID] = set()
        """The messages in the queue, aside, or on a connection."""
        self._resting: set[Session] = set()
        """Connections that the relay refused beside others."""
        self._busy: set[Session] = set()
        """Connections with a message that is marked and not yet recorded."""
        self._refusals = Refusals()
        self._undecided: dict[UUID, float] = {}
        """Messages whose connection ended before anything was decided, and when; a second time, they are deferred."""
        self._domains: Domains[Ready] = Domains(connections)
        self._was_down = False
        self._lost_track = False
        """After an error: messages may be claimed that are neither in the queue nor on a connection."""
        self._replaced = 0
        """How many connections are replaced by another one at the moment."""

    async def run(self, stop: asyncio.Event) -> None:
        """Delivers until `stop`; then returns what has not been sent, and waits a little for outstanding replies. Connects first,
        so that an unusable relay is reported before a message is due."""
        attempt, self.health.is_down = 0, True
        async with self._serving():
            while not stop.is_set():
                self._more.clear()
                wait = IDLE_SECONDS
                try:
                    if await self._refill() and self._is_short and not self.health.is_down:
                        self._more.set()
                    attempt = 0
                except Exception as error:  # noqa: BLE001 - the loop must survive any failure
                    log_fault(log, "delivery paused", error)
                    wait, attempt = self._pause_after(error, attempt), attempt + 1
                    self._lost_track = True
                await first_of(stop, self._more, seconds=wait)

    async def round(self) -> int:
        """Claims due messages and delivers them; returns how many."""
        async with self._serving():
            claimed = await self._refill()
            await self.queue.join()
        return claimed

    def _pause_after(self, error: Exception, attempt: int) -> float:
        """Short while the database is unavailable; longer where only another version of the program will help."""
        return retry_pause(attempt) if is_transient(error) else min(0.2 * 2 ** min(attempt, 10), 30.0)

    async def _refill(self) -> int:
        """Claims messages if the queue is short. Returns those in the queue when the relay goes down."""
        if self._lost_track or (self.health.is_down and not self._was_down):
            await self._release()
            self._lost_track = False
        self._was_down = self.health.is_down
        if self.health.is_resting or not self._is_short:
            return 0
        if self.health.must_connect:
            if self.queue.empty():
                self.queue.put_nowait(None)
            return 0
        if self.health.refuses and (self._domains or not self.queue.empty()):
            return 0  # one message at a time
        most = 1 if self.health.is_down else BATCH
        claimed = await self.ledger.claim(most)
        for message in claimed:
            if ready := await self._render(message):
                self._held.add(message.id)
                self.queue.put_nowait(ready)
        return len(claimed)

    @property
    def _is_short(self) -> bool:
        return self.queue.qsize() < BATCH // 2

    async def _render(self, message: ClaimedMessage) -> Ready | None:
        """A template that cannot be rendered is not the person's fault: the message waits, and is held after a day."""
        try:
            return Ready(message, self.writer.write(message, clock.now()))
        except (RenderError, ValueError) as error:
            words = "message %s cannot be rendered (%s): correct template %s with plaudit apply; it is tried again"
            log.error(words, message.id.hex, str(error).partition(":")[0], message.template_id.hex)
            if await self.ledger.mark(message):
                await self.ledger.record(self.ledger.outcome(message, Answer(Verdict.POSTPONED, str(error))))
            return None

    # The connections.

    @asynccontextmanager
    async def _serving(self) -> AsyncIterator[None]:
        self.stopping, self._replaced = False, 0
        renewing = asyncio.create_task(self._renew())
        for _ in range(self.connections):
            self._open()
        try:
            yield
        finally:
            await self._stop()
            renewing.cancel()
            await asyncio.wait([renewing])

    def _open(self) -> None:
        session = Session(self.relay, self.habits)
        self.sessions[session] = asyncio.create_task(self._serve(session))

    async def _stop(self) -> None:
        """What has not reached its text goes back; outstanding replies are waited for, but not long."""
        self.stopping = True
        for session, task in self.sessions.items():
            if session not in self._busy:
                task.cancel()
            else:
                session.abandon()
        if tasks := list(self.sessions.values()):
            await asyncio.wait(tasks, timeout=STOP_SECONDS)
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
        await self.ledger.finish()
        with suppress(Exception):  # otherwise the reaper does it
            await self._release()
        await asyncio.gather(*(session.quit() for session in self.sessions))
        self.sessions.clear()

    async def _release(self) -> None:
        """Returns everything that is claimed and not marked. Messages on connections are then not marked any more."""
        while not self.queue.empty():
            if ready := self.queue.get_nowait():
                self._held.discard(ready.message.id)
            self.queue.task_done()
        self._held.difference_update(ready.message.id for ready in self._domains.take_all())
        await self.ledger.give_back_all()

    async def _serve(self, session: Session) -> None:
        """Delivers one message after another, until the sender stops or there are more connections than wanted."""
        marked: Ready | None = None
        while marked or self._is_wanted:
            ready, is_marked = marked or await self.queue.get(), marked is not None
            self._refill_soon()
            rest, marked = 0.0, None
            try:
                if ready is None:
                    rest = await self._connect(session)
                else:
                    rest, marked = await self._take(session, ready, is_marked=is_marked)
            except Exception as error:  # noqa: BLE001 - the connection must survive any failure
                log_fault(log, "a message was not delivered", error)
                session.drop()
                rest, self._lost_track = retry_pause(3), True
            finally:
                self.queue.task_done()
            if rest:
                await self._rest(session, rest)
        session.drop()
        if not self.stopping:
            del self.sessions[session]

    async def _rest(self, session: Session, seconds: float) -> None:
        self._resting.add(session)
        try:
            await asyncio.sleep(seconds)
        finally:
            self._resting.discard(session)

    @property
    def _is_wanted(self) -> bool:
        """Whether there are not more connections than wanted."""
        return not self.stopping and len(self.sessions) <= self.connections + self._replaced

    def _refill_soon(self) -> None:
        if self._is_short:
            self._more.set()

    async def _take(self, session: Session, ready: Ready, *, is_marked: bool) -> tuple[float, Ready | None]:
        """Delivers a message, or puts it aside. Returns the seconds for which this connection rests afterwards, and the next
        message if it is marked."""
        if not is_marked and self._domains.is_full(ready.domain):
            self._domains.put_aside(ready.domain, ready)
            return 0, None
        handed_on = False
        self._domains.enter(ready.domain)
        try:
            if not is_marked and self._must_wait(ready):
                await self.ledger.give_back(ready.message.id)
                return 0, None
            if not is_marked and (rest := await self._connect(session)):
                handed_on = await self._hand_on(ready)
                return rest, None
            self._busy.add(session)
            return 0, await self._deliver(session, ready, is_marked=is_marked)
        finally:
            self._busy.discard(session)
            if not handed_on:
                self._held.discard(ready.message.id)
            if waiting := self._domains.leave(ready.domain):
                self.queue.put_nowait(waiting)

    def _must_wait(self, ready: Ready) -> bool:
        """Whether the relay has just refused this sender, or everybody."""
        return self._refusals.is_recent(ready.message) or (self.health.refuses and self.health.is_resting)

    async def _deliver(self, session: Session, ready: Ready, *, is_marked: bool) -> Ready | None:
        """From here on, the message is settled even if the sender stops. Returns the next one if it is marked meanwhile."""
        if not is_marked and not await self.ledger.mark(ready.message):
            return None
        if self.stopping or (is_marked and not session.is_open):
            answer = Answer(Verdict.NOT_SENT, "")
        else:
            answer = await self._send(session, ready)
        self.health.answered(answer)
        outcome = self.ledger.outcome(ready.message, answer)
        self._refusals.note(ready.message, answer, refused=outcome.held_back)
        return await self._record(outcome, self._following(session))

    def _following(self, session: Session) -> Ready | None:
        """The next message, if this connection can take it at once."""
        if self.queue.empty() or not self._is_wanted or not session.is_ready or self.health.is_down:
            return None
        ready = self.queue.get_nowait()
        if ready is None or self._domains.is_slow(ready.domain) or self._must_wait(ready):
            self.queue.put_nowait(ready)
            self.queue.task_done()
            return None
        return ready

    async def _record(self, outcome: Outcome, following: Ready | None) -> Ready | None:
        """Records what became of a message, and marks the following one, which is returned if that is done."""
        is_marked = False
        try:
            is_marked = await self.ledger.record(outcome, following.message if following else None)
        finally:
            if following and not is_marked:
                self._held.discard(following.message.id)
                self.queue.task_done()
        return following if is_marked else None

    async def _connect(self, session: Session) -> float:
        """Connects if necessary. Returns 0, or the seconds for which this connection rests because the relay refused it."""
        if session.is_open:
            with suppress(*LOST):
                await session.ready()
                return 0
        try:
            async with self.health.attempt():
                await session.ready()
        except LOST as error:
            return self.health.failed(error, sum(other.is_open for other in self.sessions))
        self.health.connected()
        self._more.set()
        return 0

    async def _hand_on(self, ready: Ready) -> bool:
        """Leaves the message to another connection; returns it, and False, if there is none."""
        if self.health.is_down:
            await self.ledger.give_back(ready.message.id)
            return False
        self.queue.put_nowait(ready)
        return True

    async def _send(self, session: Session, ready: Ready) -> Answer:
        """Sends a message. If the connection ends before anything is decided, it is claimed again at once, but only once."""
        replaced = asyncio.Event()
        slow = asyncio.get_running_loop().call_later(SLOW_SECONDS, self._replace, ready.domain, replaced)
        try:
            answer = await session.submit(ready.envelope)
            return self._decided(ready.message.id, answer)
        finally:
            slow.cancel()
            if replaced.is_set():
                self._restore(ready.domain)

    def _decided(self, key: UUID, answer: Answer) -> Answer:
        """Defers a message that remains undecided a second time. Forgets those that another worker has taken since."""
        now, before = asyncio.get_running_loop().time(), self._undecided.pop(key, None)
        if answer.verdict is not Verdict.NOT_SENT or self.stopping:
            return answer
        if before is not None:
            return Answer(Verdict.POSTPONED, answer.reply)
        self._undecided = {one: at for one, at in self._undecided.items() if at > now - UNDECIDED_SECONDS} | {key: now}
        self._more.set()
        return answer

    def _replace(self, domain: str, replaced: asyncio.Event) -> None:
        """Opens another connection for one that waits for the relay, up to twice as many as wanted."""
        replaced.set()
        self._domains.slow_down(domain)
        self._replaced += 1
        if not self.stopping and len(self.sessions) < 2 * self.connections:
            self._open()

    def _restore(self, domain: str) -> None:
        self._replaced -= 1
        while self._resting and len(self.sessions) > self.connections + self._replaced:
            resting = self._resting.pop()
            self.sessions.pop(resting).cancel()
        for waiting in self._domains.speed_up(domain):
            self.queue.put_nowait(waiting)

    async def _renew(self) -> None:
        """Extends the leases of the messages in the queue and on connections, however long the relay takes."""
        while True:
            await asyncio.sleep(self.ledger.lease_seconds / 3)
            await self.ledger.renew(list(self._held))
