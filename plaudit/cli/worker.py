"""`plaudit worker`: the background work."""

from plaudit.database import opened
from plaudit.run import on_signals, run
from plaudit.settings import load
from plaudit.worker import worker_parts


async def worker() -> None:
    """Send messages, do imports and upkeep on the PostgreSQL of PLAUDIT_DATABASE_URL, until SIGTERM or Ctrl-C."""
    settings = load()
    async with opened(settings.database_url, pooler=settings.pooler):
        await run(worker_parts(settings), on_signals())
