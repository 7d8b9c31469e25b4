"""Uploaded files in PostgreSQL, in pieces, so that every worker can read them."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from uuid import UUID

from models.connection import WORK, Db, execute, fetch, fetch_one, pool
from models.ids import uuid7

PIECE = 1_000_000
KEPT, KEPT_ONCE_USED = timedelta(days=1), timedelta(days=90)
_READ_SECONDS = 60.0


class TooLargeError(Exception):
    """The upload has more bytes than it may have."""


async def store(account_id: UUID, user_id: UUID, body: AsyncIterator[bytes], most: int, now: datetime) -> UUID:
    """The upload's key. Raises TooLargeError; whatever is raised on the way leaves nothing behind.

    Each piece is stored by itself, as a slow sender must hold no transaction open; the size comes last and makes it
    whole.
    """
    key, db = uuid7(), pool(WORK)
    await execute(
        db,
        "insert into upload (id, account_id, created_by, created_at, keep_until) values ($1, $2, $3, $4, $5)",
        key,
        account_id,
        user_id,
        now,
        now + KEPT,
    )
    try:
        size = await _store_pieces(db, key, body, most)
    except BaseException:
        await asyncio.shield(execute(db, "delete from upload where id = $1", key))
        raise
    await execute(db, "update upload set size = $2 where id = $1", key, size)
    return key


async def _store_pieces(db: Db, key: UUID, body: AsyncIterator[bytes], most: int) -> int:
    number = size = 0
    rest = bytearray()
    async for part in body:
        rest += part
        size += len(part)
        if size > most:
            raise TooLargeError
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
    """The file's pieces, for code that runs in a thread beside this loop."""
    number = 0
    while (piece := asyncio.run_coroutine_threadsafe(read_piece(key, number), loop).result(_READ_SECONDS)) is not None:
        yield piece
        number += 1


async def keep(tx: Db, key: UUID, now: datetime) -> None:
    """An import uses it."""
    await execute(
        tx, "update upload set keep_until = greatest(keep_until, $2) where id = $1", key, now + KEPT_ONCE_USED
    )


async def prune(now: datetime) -> int:
    """Files whose time is over lose their bytes, those that no import names go whole; how many."""
    rows = await fetch(
        pool(WORK),
        "with old as (select id from upload where keep_until < $1 limit 100), "
        "emptied as (delete from upload_piece where upload_id in (select id from old)) "
        "delete from upload u using old where u.id = old.id "
        "and not exists (select 1 from bulk_import b where b.upload_id = u.id) returning u.id",
        now,
    )
    return len(rows)
