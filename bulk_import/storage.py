"""Stores uploaded files in PostgreSQL, in pieces, where every worker can read them, and prunes them."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from models.connection import WORK, Db, execute, fetch_one, pool, statement
from models.rules.ids import uuid7
from models.tables.bulk_import import Upload

T = TypeVar("T")
PIECE = 1_000_000
KEPT, KEPT_ONCE_USED = timedelta(days=1), timedelta(days=90)
ROWS_KEPT = timedelta(days=30)
"""How long a finished import's rows are stored, for its error report."""
_FILES_AT_ONCE, _IMPORTS_AT_ONCE, _ROWS_AT_ONCE = 20, 20, 1000
_READ_SECONDS = 60.0


async def store(account_id: UUID, user_id: UUID, body: AsyncIterator[bytes], now: datetime) -> UUID:
    """Stores an upload and returns its key. If the body raises, nothing is left behind.

    Each piece is committed separately, since a slow client must not hold a transaction open. The size is stored last and
    marks the upload as complete.
    """
    key, db = uuid7(), pool(WORK)
    await Upload.create(
        using_db=db, id=key, account_id=account_id, created_by=user_id, created_at=now, keep_until=now + KEPT
    )
    try:
        size = await _store_pieces(db, key, body)
    except BaseException:
        with suppress(Exception):  # otherwise it is pruned when it expires
            await asyncio.shield(_forget(db, key))
        raise
    await Upload.filter(id=key).using_db(db).update(size=size)
    return key


_STORED_SINCE = """
-- How many bytes has this account uploaded since then ($1 account, $2 then)?
select coalesce(sum(size), 0)::bigint as bytes from upload where account_id = $1 and created_at > $2
"""


async def stored_since(account_id: UUID, since: datetime) -> int:
    row = await fetch_one(pool(WORK), _STORED_SINCE, account_id, since)
    return int(row["bytes"]) if row else 0


async def _forget(db: Db, key: UUID) -> None:
    await Upload.filter(id=key).using_db(db).delete()


async def _store_pieces(db: Db, key: UUID, body: AsyncIterator[bytes]) -> int:
    number = size = 0
    rest = bytearray()
    async for part in body:
        rest += part
        size += len(part)
        while len(rest) >= PIECE:
            await _store_piece(db, key, number, bytes(rest[:PIECE]))
            del rest[:PIECE]
            number += 1
    if rest:
        await _store_piece(db, key, number, bytes(rest))
    return size


async def _store_piece(db: Db, key: UUID, number: int, piece: bytes) -> None:
    await execute(db, "insert into upload_piece (upload_id, number, bytes) values ($1, $2, $3)", key, number, piece)


async def read_piece(key: UUID, number: int) -> bytes | None:
    row = await fetch_one(
        pool(WORK), "select bytes from upload_piece where upload_id = $1 and number = $2", key, number
    )
    return row["bytes"] if row else None


def pieces(key: UUID, loop: asyncio.AbstractEventLoop) -> Iterator[bytes]:
    """Yields the file's pieces; for a thread other than the loop's."""
    number = 0
    while (piece := asyncio.run_coroutine_threadsafe(read_piece(key, number), loop).result(_READ_SECONDS)) is not None:
        yield piece
        number += 1


async def read(key: UUID, how: Callable[[Iterator[bytes]], T]) -> T:
    """What `how` makes of the file's pieces, in a thread of its own."""
    loop = asyncio.get_running_loop()
    return await asyncio.to_thread(how, pieces(key, loop))


async def keep(tx: Db, key: UUID, now: datetime) -> None:
    """Extends the file's expiry for an import that uses it."""
    await execute(
        tx, "update upload set keep_until = greatest(keep_until, $2) where id = $1", key, now + KEPT_ONCE_USED
    )


_PRUNE = """
-- Prunes expired files, and counts them ($1 now, $2 at most this many). Skips locked files, which an import is about to use.
-- Files without an import are deleted. The others lose their content and size, so that they count as incomplete, and their
-- expiry, so that they are not selected again.
with old as materialized (
  select u.id, exists (select 1 from bulk_import b where b.upload_id = u.id) as named
  from upload u where u.keep_until < $1 order by u.keep_until limit $2 for update skip locked
), emptied as (
  delete from upload_piece p using old where p.upload_id = old.id
), kept as (
  update upload u set size = null, keep_until = 'infinity' from old where u.id = old.id and old.named
), gone as (
  delete from upload u using old where u.id = old.id and not old.named
)
select count(*) from old
"""


async def prune(now: datetime) -> int:
    """Removes the bytes of some expired files, and whole uploads that no import uses. Returns how many."""
    row = await fetch_one(pool(WORK), _PRUNE, now, _FILES_AT_ONCE)
    return int(row[0]) if row else 0


async def prune_rows(now: datetime) -> int:
    """Removes some rows, which are personal data, of imports that ended long ago. Returns how many."""
    most = (_IMPORTS_AT_ONCE, _ROWS_AT_ONCE)
    row = await fetch_one(pool(WORK), statement("import_rows_prune"), now - ROWS_KEPT, *most)
    return int(row[0]) if row else 0
