"""The worker: sends messages, runs jobs and upkeep, and restarts parts that fail."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime
from functools import partial
from uuid import UUID

from bulk_import import runner, storage, tasks
from delivery.bounces import BounceAddresses
from delivery.dkim import read_keys
from delivery.health import Health
from delivery.links import Links, LinkSigner
from delivery.render import Writer
from delivery.send_test import SendTests
from delivery.sender import Sender
from delivery.sign_in_links import SignInLinks
from delivery.sign_in_mail import SendSignInMails, SignInWriter
from delivery.smtp import Relay
from models.clock import clock, first_of
from models.commands import (
    agency_clients,
    day_quota,
    heartbeat,
    idempotency,
    jobs,
    lanes,
    send_test,
    sending,
    sign_in_links,
    sign_in_requests,
    upkeep,
    zones,
)
from models.connection import WORK, Db, pool, transaction
from models.faults import log_fault
from models.reads.delivery_state import RelayState
from models.rules.ids import uuid7
from models.rules.privacy import without_addresses
from plaudit.run import Part
from plaudit.settings import Settings
from plaudit.watch import Watch

BEAT_SECONDS = 5.0
UPKEEP_SECONDS = 10.0
MAX_JOB_SECONDS = 10.0
_RESTART_SECONDS = 1.0
log = logging.getLogger(__name__)


def worker_parts(settings: Settings, watch: Watch) -> list[Part]:
    """The concurrent parts of a worker, which start once the database is usable."""
    worker, lease = uuid7(), settings.worker_lease_seconds
    health = Health(watch.report_relay)
    jobs.handles(send_test.JOB)(SendTests(relay_of(settings), make_writer(settings), health).send)
    jobs.handles(sign_in_requests.JOB)(_sign_in_mails(settings, health).send)
    parts = [
        supervised("delivery", lambda: make_sender(settings, worker, health).run),
        supervised("jobs", lambda: partial(jobs.work, settings.direct_url, lease_seconds=min(lease, MAX_JOB_SECONDS))),
        supervised("upkeep", lambda: partial(_upkeep, min(UPKEEP_SECONDS, settings.worker_lease_seconds / 2))),
        supervised("heartbeat", lambda: partial(_beat, worker, health)),
    ]
    return [watch.after(part) for part in parts]


def make_sender(settings: Settings, worker: UUID, health: Health | None = None) -> Sender:
    return Sender(
        relay_of(settings),
        make_writer(settings),
        worker,
        connections=settings.smtp_connections,
        lease_seconds=settings.worker_lease_seconds,
        health=health,
    )


def make_writer(settings: Settings) -> Writer:
    """Reads the keys for DKIM, which have been checked at startup."""
    links = Links(settings.base_url, LinkSigner(settings.secret))
    mailbox = settings.bounce_address
    bounces = BounceAddresses(mailbox, settings.secret) if mailbox else None
    return Writer(links, bounces, read_keys(settings.dkim_keys))


def _sign_in_mails(settings: Settings, health: Health) -> SendSignInMails:
    links = SignInLinks(settings.base_url, settings.secret)
    writer = SignInWriter(links, settings.sign_in_from, read_keys(settings.dkim_keys))
    return SendSignInMails(relay_of(settings), writer, health, settings.oidc_issuer)


def relay_of(settings: Settings) -> Relay:
    at = settings.relay
    return Relay(at.host, at.port, str(at.tls), at.username, at.password)


def supervised(name: str, make: Callable[[], Part]) -> Part:
    """Restarts a part whenever it ends before `stop`."""

    async def keep(stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                await make()(stop)
            except Exception as error:  # noqa: BLE001 - the part must survive any failure
                log_fault(log, f"{name} ended and is started again", error)
            await first_of(stop, seconds=_RESTART_SECONDS)

    return keep


async def _beat(worker: UUID, health: Health, stop: asyncio.Event) -> None:
    started_at = clock.now()
    while not stop.is_set():
        try:
            relay, reply = _state_of(health)
            await heartbeat.beat(pool(WORK), worker, started_at, clock.now(), relay, reply)
            if reply is not None:
                await lanes.mark_quiet(pool(WORK), reply, clock.now())
        except Exception as error:  # noqa: BLE001 - the next one may succeed
            log_fault(log, "heartbeat missed", error)
        await first_of(stop, seconds=BEAT_SECONDS)
    with suppress(Exception):  # otherwise it expires
        await heartbeat.end(pool(WORK), worker)


def _state_of(health: Health) -> tuple[RelayState, str | None]:
    """Whether the relay can be used and, if not, why, in its words."""
    if not health.is_down:
        return RelayState.UP, None
    if health.reply is None:  # not tried yet
        return RelayState.UNKNOWN, None
    return RelayState.DOWN, without_addresses(health.reply or "")


async def _upkeep(every: float, stop: asyncio.Event) -> None:
    while not stop.is_set():
        await run_upkeep()
        await first_of(stop, seconds=every)


async def run_upkeep() -> None:
    """Runs every task once; a failure does not stop the others."""
    for duty in (
        _stalled,
        _reap,
        _lanes,
        _overdue,
        _imports,
        _reservations,
        _release,
        _clients,
        _sequences,
        _zones,
        _tests,
        _sign_ins,
        _old_keys,
        _old_uploads,
        _old_rows,
        _old_jobs,
    ):
        try:
            await duty()
        except Exception as error:  # noqa: BLE001 - it runs again soon
            log_fault(log, f"upkeep {duty.__name__.strip('_')}", error)


async def _stalled() -> None:
    if ended := await upkeep.end_stalled_copies():
        log.warning("sessions ended that did not go on with a COPY: %d", ended)


async def _reap() -> None:
    returned, unknown = await sending.reap(clock.now())
    if returned or unknown:
        log.info("of lost workers: %d messages returned, %d UNKNOWN", returned, unknown)


async def _lanes() -> None:
    await sending.repair_lanes(pool(WORK), clock.now())


async def _overdue() -> None:
    await _until_none(sending.hold_overdue)


async def _imports() -> None:
    if resumed := await runner.resume_idle():
        log.info("imports without a job: %d resumed", resumed)
    await tasks.finish_changes()


async def _reservations() -> None:
    await upkeep.roll_reservations(clock.now())


async def _release() -> None:
    await upkeep.release_held(clock.now())


async def _clients() -> None:
    while await agency_clients.roll_over(clock.now()):
        pass


async def _sequences() -> None:
    await _until_none(upkeep.finish_sequences)


async def _zones() -> None:
    await _until_none(zones.look_up)


async def _tests() -> None:
    async with transaction(WORK) as tx:
        await send_test.enqueue_due(tx, clock.now())


async def _sign_ins() -> None:
    async with transaction(WORK) as tx:
        await sign_in_requests.enqueue_due(tx, clock.now())


async def _old_keys() -> None:
    await idempotency.prune(pool(WORK), clock.now())
    await day_quota.prune(pool(WORK), clock.now())
    await send_test.prune(pool(WORK), clock.now())
    await sign_in_links.prune(pool(WORK), clock.now())
    await sign_in_requests.prune(pool(WORK), clock.now())


async def _old_uploads() -> None:
    await storage.prune(clock.now())


async def _old_rows() -> None:
    await storage.prune_rows(clock.now())


async def _old_jobs() -> None:
    await jobs.prune(pool(WORK), clock.now())


async def _until_none(change: Callable[[Db, datetime], Awaitable[int]]) -> None:
    """Repeats a change, in one transaction per batch, until it changes nothing."""
    while True:
        async with transaction(WORK) as tx:
            if not await change(tx, clock.now()):
                return
