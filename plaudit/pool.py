"""A pool whose connections are acquired within a time limit, returned whatever happens, and kept at hand for a moment."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import Context
from typing import Any

import asyncpg

from models.faults import LOST, RETRYABLE


class RefusedError(ConnectionError):
    """PostgreSQL refused a connection because of its user, password, database or role; the cause says which."""


ACQUIRE_SECONDS = 5.0
QUICK_SECONDS = 3.0
"""The time limit for connecting, BEGIN and ROLLBACK; the server also limits other statements."""
KEPT_SECONDS = 1.0


@contextmanager
def connecting() -> Iterator[None]:
    """Raises RefusedError for PostgreSQL errors other than lost connections and retryable ones."""
    try:
        yield
    except asyncpg.PostgresError as refused:
        if isinstance(refused, (*LOST, *RETRYABLE)):
            raise
        raise RefusedError(str(refused)) from refused


class Pool:
    """asyncpg's pool. Acquiring and releasing a connection takes it half as long as a statement takes this process, so one that is
    given back is kept for the next statement, unless somebody waits for one; after KEPT_SECONDS at most, asyncpg has it again."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool
        self._kept: list[Any] = []
        self._kept_until: dict[Any, float] = {}
        """Of all connections that may be kept, also those in use."""
        self._waiting = 0
        self._is_closing = False
        self._sweeping: asyncio.TimerHandle | None = None
        self._returning: set[asyncio.Task[None]] = set()
        """The tasks that return connections; the event loop itself keeps only weak references."""

    def get_max_size(self) -> int:
        size: int = self._pool.get_max_size()
        return size

    async def acquire(self) -> Any:
        """Raises TimeoutError, which is transient, if the pool is exhausted."""
        while self._kept:
            connection = self._kept.pop()
            if not _is_closed(connection):
                return connection
            await self._release(connection)
        self._waiting += 1
        try:
            with connecting():
                connection = await self._pool.acquire(timeout=ACQUIRE_SECONDS)
        finally:
            self._waiting -= 1
        self._kept_until[connection] = asyncio.get_running_loop().time() + KEPT_SECONDS
        return connection

    async def give_back(self, connection: Any, error: BaseException | None = None, *, lost: bool = False) -> None:
        """Returns a connection, even if the caller is cancelled meanwhile, however often: a connection that is not returned is
        missing for good. `error`: what its last statement raised; `lost`: it must not be used again."""
        lost = lost or isinstance(error, LOST)
        cancelled = isinstance(error, asyncio.CancelledError)
        if lost or cancelled:
            await asyncio.shield(self._supervised(self._return(connection, lost=lost)))
        elif error is None and not self._waiting and self._may_keep(connection):
            self._keep(connection)
        else:
            await self._release(connection)

    async def expire_connections(self) -> None:
        await self._pool.expire_connections()
        self._kept_until.clear()
        await self._release_kept()

    async def close(self) -> None:
        self._is_closing = True
        await self._release_kept()
        await self._pool.close()

    def terminate(self) -> None:
        self._pool.terminate()

    def _may_keep(self, connection: Any) -> bool:
        until = self._kept_until.get(connection, 0.0)
        return not self._is_closing and asyncio.get_running_loop().time() < until

    def _keep(self, connection: Any) -> None:
        self._kept.append(connection)
        if self._sweeping is None:
            loop = asyncio.get_running_loop()
            self._sweeping = loop.call_later(KEPT_SECONDS, self._sweep, context=Context())

    def _sweep(self) -> None:
        """Releases what is kept, so that asyncpg can close connections that are idle or have been used for long."""
        self._sweeping = None
        self._supervised(self._release_kept())

    def _supervised(self, returning: Any) -> asyncio.Task[None]:
        task = asyncio.create_task(returning)
        self._returning.add(task)
        task.add_done_callback(self._returning.discard)
        return task

    async def _release_kept(self) -> None:
        while self._kept:
            await self._release(self._kept.pop())

    async def _return(self, connection: Any, *, lost: bool) -> None:
        """If the connection was lost, the pool's other connections may be too, so they expire and are replaced."""
        if not lost:
            lost = not await _synchronize(connection)
        if lost:
            _drop(connection)
            await self.expire_connections()
        await self._release(connection)

    async def _release(self, connection: Any) -> None:
        """asyncpg itself sees to it that a cancellation does not prevent this."""
        self._kept_until.pop(connection, None)
        try:
            await self._pool.release(connection)
        except (*LOST, asyncpg.PostgresError):
            _drop(connection)


def _is_closed(connection: Any) -> bool:
    try:
        closed: bool = connection.is_closed()
    except asyncpg.InterfaceError:  # the pool has taken it back
        return True
    return closed


def _drop(connection: Any) -> None:
    """Terminates the connection; ignores the error of a proxy without one, which would hide the original error."""
    with suppress(asyncpg.InterfaceError):
        connection.terminate()


async def _synchronize(connection: Any) -> bool:
    """Ends the implicit transaction of a statement that was cancelled after it was prepared: asyncpg would leave it open,
    with its locks, until the connection is used again. Returns whether the connection is usable."""
    try:
        await connection.execute("select 1", timeout=QUICK_SECONDS)
    except (*LOST, asyncpg.PostgresError):
        return False
    return True
