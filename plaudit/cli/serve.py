"""`plaudit serve`: the gateway."""

from plaudit.app import create_app
from plaudit.database import opened
from plaudit.run import gateway, listening, on_signals, run
from plaudit.settings import load
from plaudit.worker import worker_parts


async def serve(*, host: str | None = None, port: int | None = None, with_worker: bool = False) -> None:
    """Answer the API on the PostgreSQL of PLAUDIT_DATABASE_URL, until SIGTERM or Ctrl-C.

    Parameters
    ----------
    host
        The address to listen on; left out: PLAUDIT_HOST.
    port
        The port to listen on; left out: PLAUDIT_PORT.
    with_worker
        Do the background work in this process too.
    """
    settings = load()
    with listening(host or settings.host, port or settings.port) as sock:
        async with opened(settings.database_url, pooler=settings.pooler, walled=settings.row_security):
            parts = worker_parts(settings) if with_worker else []
            await run([gateway(create_app(settings), sock), *parts], on_signals())
