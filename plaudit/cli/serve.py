"""`plaudit serve`: the gateway."""

import asyncio
import logging

import uvloop

from plaudit.addresses import with_port
from plaudit.app import GATEWAY_POOLS, create_app
from plaudit.cli.options import Port
from plaudit.database import opened
from plaudit.run import gateway, listening, on_signals, run, spare_the_collector
from plaudit.settings import load
from plaudit.watch import Watch
from plaudit.worker import worker_parts

log = logging.getLogger(__name__)


def serve(*, host: str | None = None, port: Port | None = None, with_worker: bool = False) -> None:
    """Serve the API on the database of PLAUDIT_DATABASE_URL, until SIGTERM or Ctrl-C.

    Parameters
    ----------
    host
        The address to listen on; PLAUDIT_HOST by default.
    port
        The port to listen on; PLAUDIT_PORT by default.
    with_worker
        Also run a worker in this process.
    """
    # uvloop takes a quarter less time for a request. Workers have been tried with asyncio's own loop.
    run_loop = asyncio.run if with_worker else uvloop.run
    run_loop(_serve(host, port, with_worker=with_worker))


async def _serve(host: str | None, port: Port | None, *, with_worker: bool) -> None:
    options = {"host": host, "port": port}
    settings = load(**{name: value for name, value in options.items() if value is not None})
    host, port, stop = settings.host, settings.port, on_signals()
    with listening(host, port) as sock:
        async with opened(settings.database_url, pooler=settings.pooler, row_security=settings.row_security):
            log.info(
                "gateway%s on http://%s; %s",
                " and worker" if with_worker else "",
                with_port(host, port),
                settings.summary,
            )
            watch = Watch(settings, GATEWAY_POOLS)
            await watch.check()
            parts = worker_parts(settings, watch) if with_worker else []
            app = create_app(settings)
            spare_the_collector()
            await run([gateway(app, sock), watch.run, *parts], stop)
