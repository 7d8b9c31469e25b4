"""`plaudit check`: what is wrong with this installation."""

import sys
from collections.abc import Sequence
from datetime import datetime

from delivery.smtp import LOST, Session
from models.clock import clock
from models.commands import heartbeat
from models.connection import WORK, pool
from models.reads import delivery_state
from models.reads.delivery_state import MOST_DUE, DeliveryState, RelayState
from plaudit import diagnosis
from plaudit.database import opened
from plaudit.readiness import check as check_database
from plaudit.settings import Settings, load
from plaudit.worker import STALE_WORKER, relay_of


async def check() -> None:
    """Check the settings, the database, the mail relay, the workers and the delivery; exit with 1 if something is wrong."""
    settings = load()
    async with opened(settings.database_url, pooler=settings.pooler):
        problems = [*await _database(settings), *await _relay(settings)]
    for problem in problems:
        print(f"wrong  {problem}")
    sys.exit(1 if problems else 0)


def _fine(text: str) -> None:
    print(f"ok     {text}")


async def _database(settings: Settings) -> Sequence[str]:
    _, problem = await check_database(settings, (WORK,))
    if problem:
        return [problem]
    _fine("the database is reachable and migrated")
    return [*await _workers(), *_delivery(await delivery_state.of_all(pool(WORK), clock.now()), clock.now())]


async def _workers() -> Sequence[str]:
    seen = await heartbeat.latest(pool(WORK))
    if seen is None or clock.now() - seen > STALE_WORKER:
        return ["No worker has been active in the last minute, so nothing is sent. Start one: plaudit worker"]
    _fine("a worker is active")
    return []


def _delivery(state: DeliveryState, now: datetime) -> Sequence[str]:
    due = "at least " * (state.due == MOST_DUE) + str(state.due)
    since = f", the oldest since {state.oldest_due_at:%Y-%m-%d %H:%M} UTC" if state.oldest_due_at else ""
    _fine(f"{due} messages due{since}")
    wrong = [
        f"The messages of location {lane.location_id.hex} wait since {lane.since:%Y-%m-%d %H:%M} UTC: {lane.reason}"
        + (f" ({lane.reply})" if lane.reply else "")
        for lane in state.held
    ]
    if state.relay is RelayState.DOWN:
        wrong.append(f"The workers cannot use the mail relay: {state.reply}")
    return wrong


async def _relay(settings: Settings) -> Sequence[str]:
    session = Session(relay_of(settings))
    try:
        await session.ready()
    except LOST as error:
        return [diagnosis.of_relay(error, settings.relay)]
    await session.quit()
    _fine(f"the mail relay {settings.relay} accepts connections")
    return []
