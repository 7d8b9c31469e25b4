"""`plaudit worker`: the background work."""

import asyncio
import logging

from models.connection import WORK
from plaudit.database import opened
from plaudit.run import on_signals, run
from plaudit.settings import Settings, load
from plaudit.watch import Watch
from plaudit.worker import worker_parts
from wire.counts import Counts

log = logging.getLogger(__name__)


async def worker() -> None:
    """Send messages and run imports and upkeep on the database of PLAUDIT_DATABASE_URL, until SIGTERM or Ctrl-C."""
    settings, stop = load(), on_signals()
    log.info("worker; %s", settings.summary)
    await work(settings, stop)


async def work(settings: Settings, stop: asyncio.Event, counts: Counts | None = None) -> None:
    """Runs a worker until `stop`, alone or with processes that share the counts."""
    async with opened(settings.database_url, pooler=settings.pooler):
        watch = Watch(settings, (WORK,), counts)
        await watch.check()
        await run([watch.run, *worker_parts(settings, watch)], stop)
