"""The background work: messages, jobs and upkeep. A part that dies is started anew; the process goes on."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime
from functools import partial
from uuid import UUID

import bulk_import.tasks  # noqa: F401 - declares who does the jobs
from bulk_import import runner, storage
from delivery import smtp
from delivery.links import Links, LinkSigner
from delivery.sender import Sender
from delivery.smtp import Heard, Relay, SmtpTransport
from models.clock import clock
from models.commands import agency_clients, day_quota, heartbeat, idempotency, jobs, sending, upkeep
from models.connection import WORK, Db, pool, transaction
from models.faults import log_fault
from models.rules.ids import uuid7
from plaudit.run import Part
from plaudit.settings import Settings
from plaudit.watch import Watch

BEAT_SECONDS = 5.0
UPKEEP_SECONDS = 10.0
RELAY_SECONDS = 30.0
MAX_JOB_SECONDS = 10.0
_AGAIN_SECONDS = 1.0
log = logging.getLogger(__name__)


def worker_parts(settings: Settings, watch: Watch) -> list[Part]:
    """What a worker does at the same time, once the database can be worked on."""
    worker, lease = uuid7(), settings.worker_lease_seconds
    parts = [
        kept_up("delivery", lambda: make_sender(settings, worker, watch.note_relay).run),
        kept_up("relay", lambda: partial(_try_relay, settings, watch.note_relay)),
        kept_up("jobs", lambda: partial(jobs.work, settings.direct_url, lease_seconds=min(lease, MAX_JOB_SECONDS))),
        kept_up("upkeep", lambda: partial(_upkeep, min(UPKEEP_SECONDS, settings.worker_lease_seconds / 2))),
        kept_up("heartbeat", lambda: partial(_beat, worker)),
    ]
    return [watch.after(part) for part in parts]


def make_sender(settings: Settings, worker: UUID, heard: Heard | None = None) -> Sender:
    """`heard` is told whenever the relay was connected to, and when it was not."""
    transport = SmtpTransport(_relay(settings), settings.smtp_connections, heard)
    return Sender(
        transport, Links(settings.base_url, LinkSigner(settings.secret)), worker, settings.worker_lease_seconds
    )


def _relay(settings: Settings) -> Relay:
    at = settings.relay
    return Relay(at.host, at.port, str(at.tls), at.username, at.password)


async def _try_relay(settings: Settings, heard: Heard, stop: asyncio.Event) -> None:
    """So that a relay that cannot be used is reported before the first message is due; the delivery notices later ones."""
    while not stop.is_set():
        if await smtp.answers(_relay(settings), heard):
            await stop.wait()
        await _pause(stop, RELAY_SECONDS)


def kept_up(name: str, make: Callable[[], Part]) -> Part:
    """Made anew whenever it ends by itself."""

    async def keep(stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                await make()(stop)
            except Exception as error:  # noqa: BLE001 - a part that must outlive whatever happens
                log_fault(log, f"{name} ended and is started again", error)
            await _pause(stop, _AGAIN_SECONDS)

    return keep


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)


async def _beat(worker: UUID, stop: asyncio.Event) -> None:
    started_at = clock.now()
    while not stop.is_set():
        try:
            await heartbeat.beat(pool(WORK), worker, started_at, clock.now())
        except Exception as error:  # noqa: BLE001 - the next beat may come through
            log_fault(log, "heartbeat missed", error)
        await _pause(stop, BEAT_SECONDS)
    with suppress(Exception):  # forgotten after a while otherwise
        await heartbeat.end(pool(WORK), worker)


async def _upkeep(every: float, stop: asyncio.Event) -> None:
    while not stop.is_set():
        await run_upkeep()
        await _pause(stop, every)


async def run_upkeep() -> None:
    """Runs every duty once; one that fails does not stop the others."""
    for duty in (
        _reap,
        _lanes,
        _overdue,
        _imports,
        _reservations,
        _release,
        _clients,
        _sequences,
        _old_keys,
        _old_uploads,
        _old_rows,
        _old_jobs,
    ):
        try:
            await duty()
        except Exception as error:  # noqa: BLE001 - its next turn comes in a moment
            log_fault(log, f"upkeep {duty.__name__.strip('_')}", error)


async def _reap() -> None:
    returned, unknown = await sending.reap(clock.now())
    if returned or unknown:
        log.info("of lost workers: %d messages taken back, %d UNKNOWN", returned, unknown)


async def _lanes() -> None:
    await sending.repair_lanes(pool(WORK), clock.now())


async def _overdue() -> None:
    await _until_none(sending.hold_overdue)


async def _imports() -> None:
    if resumed := await runner.resume_idle():
        log.info("imports without a job: %d resumed", resumed)


async def _reservations() -> None:
    await upkeep.roll_reservations(clock.now())


async def _release() -> None:
    await upkeep.release_held(clock.now())


async def _clients() -> None:
    while await agency_clients.roll_over(clock.now()):
        pass


async def _sequences() -> None:
    await _until_none(upkeep.finish_sequences)


async def _old_keys() -> None:
    await idempotency.prune(pool(WORK), clock.now())
    await day_quota.prune(pool(WORK), clock.now())


async def _old_uploads() -> None:
    await storage.prune(clock.now())


async def _old_rows() -> None:
    await storage.prune_rows(clock.now())


async def _old_jobs() -> None:
    await jobs.prune(pool(WORK), clock.now())


async def _until_none(change: Callable[[Db, datetime], Awaitable[int]]) -> None:
    """Batch by batch, each in its transaction."""
    while True:
        async with transaction(WORK) as tx:
            if not await change(tx, clock.now()):
                return
