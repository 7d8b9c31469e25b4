"""Runs the gateway, the worker or both until SIGTERM or SIGINT, and stops within a time limit."""

import asyncio
import errno
import gc
import logging
import os
import signal
import socket
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager

import uvicorn
from starlette.applications import Starlette

from plaudit import connections
from plaudit.connections import Limits
from plaudit.edge import MAX_BYTES
from plaudit.masking import log_unhandled

STOP_SECONDS = 8.0
"""Seconds after the signal; then everything still running is cancelled."""
_DRAIN = 5
_MAX_MESSAGE = MAX_BYTES + 4000
"""The maximum size of a websocket message: an operation as large as over HTTP, plus its envelope. Larger ones close the
websocket with 1009."""
log = logging.getLogger(__name__)

Part = Callable[[asyncio.Event], Awaitable[None]]
"""Runs until the event is set, then finishes its work in progress."""


class AddressTakenError(RuntimeError):
    """Cannot listen on the port; the message says what to do."""


class GatewayEndedError(RuntimeError):
    """The gateway could not start or stopped unexpectedly; the log says why."""


class Server(uvicorn.Server):
    """Does not handle signals: uvicorn would pass them on to the worker only after it has stopped."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def listening(host: str, port: int, *, unread_seconds: float = 30, reserved: bool = False) -> socket.socket:
    """Opens the socket before anything else starts, to report a taken port. Drops clients that do not read their response
    for `unread_seconds`. `reserved`: the port is, and other processes listen on it too. Raises AddressTakenError."""
    with _reporting(host, port):
        opened = socket.create_server((host, port), family=_family(host), reuse_port=reserved)
        # Inherited by connections; asyncio does not set it on this kind of socket, and each response would take 40 ms.
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(unread_seconds * 1000))
        return opened


def reserve(host: str, port: int) -> socket.socket:
    """Takes the port for processes that then listen on it, each with a socket of its own: the system divides connections evenly
    only between sockets. Raises AddressTakenError."""
    with _reporting(host, port):
        taken = socket.socket(_family(host))
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind((host, port))
        # Not before, when others that share their port would not count.
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        return taken


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


@contextmanager
def _reporting(host: str, port: int) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        option = "--port" if error.errno in (errno.EADDRINUSE, errno.EACCES) else "--host"
        reason = os.strerror(error.errno) if error.errno else str(error)
        message = f"Cannot listen on {host} port {port} ({reason}); choose another one with {option}."
        raise AddressTakenError(message) from error


def gateway(app: Starlette, sock: socket.socket, limits: Limits | None = None) -> Part:
    """The gateway on an open socket."""

    async def serve(stop: asyncio.Event) -> None:
        within = limits or connections.limits()
        config = uvicorn.Config(
            app,
            http=connections.protocol(within),
            backlog=within.backlog,
            timeout_keep_alive=within.idle_seconds,
            log_config=None,
            access_log=False,
            server_header=False,
            lifespan="on",
            timeout_graceful_shutdown=_DRAIN,
            ws_max_size=_MAX_MESSAGE,
            ws_per_message_deflate=False,  # a small compressed message can take long to inflate
        )
        server = Server(config)
        serving = asyncio.create_task(server.serve(sockets=[sock]))
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
            server.should_exit = True
            _end_streams(app)
            await serving
        finally:
            stopping.cancel()
            serving.cancel()
        if not stop.is_set():
            raise GatewayEndedError("The gateway could not start; the lines above say why.")

    return serve


def _end_streams(app: Starlette) -> None:
    """Ends responses that would not end by themselves, which uvicorn waits for and then cuts off."""
    stopping: asyncio.Event | None = getattr(app.state, "stopping", None)
    if stopping is not None:
        stopping.set()


def on_signals() -> asyncio.Event:
    """An event that SIGTERM and SIGINT set."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


def spare_the_collector() -> None:
    """Excludes everything loaded so far from garbage collection, and collects less often: a full collection stops all
    requests, for up to a tenth of a second."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 20)


async def run(parts: Sequence[Part], stop: asyncio.Event) -> None:
    """Runs all parts until `stop` or until one fails; cancels those that do not finish in time."""
    asyncio.get_running_loop().set_exception_handler(log_unhandled)
    try:
        async with asyncio.timeout(None) as bound, asyncio.TaskGroup() as tasks:
            for part in parts:
                tasks.create_task(_coroutine(part, stop))
            await stop.wait()
            bound.reschedule(asyncio.get_running_loop().time() + STOP_SECONDS)
    except TimeoutError:
        log.warning("cancelled what was still running after %.0f s", STOP_SECONDS)


async def _coroutine(part: Part, stop: asyncio.Event) -> None:
    await part(stop)
