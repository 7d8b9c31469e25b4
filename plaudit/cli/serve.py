"""`plaudit serve`: the gateway."""

import asyncio
import logging
import socket
from collections.abc import Callable, Coroutine
from functools import partial

import uvloop

from plaudit.addresses import with_port
from plaudit.app import GATEWAY_POOLS, Across, create_app
from plaudit.cli.failures import message_of
from plaudit.cli.options import Port, Processes
from plaudit.cli.worker import work
from plaudit.database import opened
from plaudit.processes import Parent, Role, supervise
from plaudit.run import gateway, listening, on_signals, reserve, run, spare_the_collector
from plaudit.settings import Settings, load
from plaudit.watch import Watch
from plaudit.worker import worker_parts
from wire.counts import SharedCounts

log = logging.getLogger(__name__)
RunLoop = Callable[[Coroutine[None, None, None]], None]


def serve(
    *,
    host: str | None = None,
    port: Port | None = None,
    processes: Processes | None = None,
    with_worker: bool = False,
) -> None:
    """Serve the API on the database of PLAUDIT_DATABASE_URL, until SIGTERM or Ctrl-C.

    Parameters
    ----------
    host
        The address to listen on; PLAUDIT_HOST by default.
    port
        The port to listen on; PLAUDIT_PORT by default.
    processes
        The number of processes that serve, each on one CPU core; PLAUDIT_PROCESSES by default.
    with_worker
        Also run a worker: in this process, or in one more if several serve.
    """
    options = {"host": host, "port": port, "processes": processes}
    settings = load(**{name: value for name, value in options.items() if value is not None})
    at = (settings.host, settings.port)
    if settings.processes > 1:
        with reserve(*at):
            _announce(settings, with_worker=with_worker)
            supervise(_roles(settings, with_worker=with_worker))
    else:
        with listening(*at) as sock:
            _announce(settings, with_worker=with_worker)
            # uvloop takes a quarter less time for a request. Workers have been tried with asyncio's own loop.
            run_loop = asyncio.run if with_worker else uvloop.run
            run_loop(_serve_alone(settings, sock, with_worker=with_worker))


def _announce(settings: Settings, *, with_worker: bool) -> None:
    number = f" of {settings.processes} processes" if settings.processes > 1 else ""
    worker = " and worker" if with_worker else ""
    log.info("gateway%s%s on http://%s; %s", number, worker, with_port(settings.host, settings.port), settings.summary)


async def _serve_alone(settings: Settings, sock: socket.socket, *, with_worker: bool) -> None:
    await _serve(settings, lambda: sock, on_signals(), with_worker=with_worker)


async def _serve(
    settings: Settings,
    open_socket: Callable[[], socket.socket],
    stop: asyncio.Event,
    *,
    with_worker: bool = False,
    started: Callable[[], None] = lambda: None,
    across: Across | None = None,
) -> None:
    """Serves until `stop`; calls `started` once the database is known to be meant for this."""
    async with opened(settings.database_url, pooler=settings.pooler, row_security=settings.row_security):
        watch = Watch(settings, GATEWAY_POOLS, across.held if across else None)
        await watch.check()
        started()
        parts = worker_parts(settings, watch) if with_worker else []
        app = create_app(settings, across=across)
        spare_the_collector()
        with open_socket() as sock:
            await run([gateway(app, sock), watch.run, *parts], stop)


def _roles(settings: Settings, *, with_worker: bool) -> list[Role]:
    """The processes of a gateway, and that of its worker."""
    number = settings.processes + with_worker
    across = Across(SharedCounts(number), SharedCounts(number))
    open_socket = partial(listening, settings.host, settings.port, reserved=True)

    async def serve_one(parent: Parent) -> None:
        await _serve(settings, open_socket, parent.stop(), started=parent.started, across=across)

    async def work_alone(parent: Parent) -> None:
        await work(settings, parent.stop(), across.held)

    def role(own: int) -> Role:
        def run_one(parent: Parent) -> str | None:
            across.held.own = across.peers.own = own
            if own == settings.processes:
                return _told(asyncio.run, work_alone(parent))
            return _told(uvloop.run, serve_one(parent))

        name = "worker" if own == settings.processes else f"gateway {own + 1}"
        return Role(name, run_one, ended=partial(across.held.give_back_all_of, own))

    return [role(own) for own in range(number)]


def _told(run_loop: RunLoop, process: Coroutine[None, None, None]) -> str | None:
    """Runs until it ends; returns the message of an error that a user can correct."""
    try:
        run_loop(process)
    except (Exception, BaseExceptionGroup) as error:
        if (message := message_of(error)) is None:
            raise
        return message
    return None
