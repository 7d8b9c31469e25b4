"""Who follows an import is told of each change when it is committed, and of none that is not."""

import asyncio
from contextlib import suppress

import asyncpg
import pytest

from models.commands import import_progress
from models.connection import WORK, transaction
from tests import factories as make

pytestmark = pytest.mark.usefixtures("db")


class UndoneError(Exception):
    """Undoes a transaction."""


async def test_a_commit_tells_the_import_and_its_new_seq(db: str) -> None:
    key = await make.bulk_import(await make.location(await make.account()))
    heard: asyncio.Queue[str] = asyncio.Queue()
    listener = await asyncpg.connect(db)
    await listener.add_listener(import_progress.CHANNEL, lambda *notice: heard.put_nowait(notice[-1]))
    with suppress(UndoneError):
        async with transaction(WORK) as tx:
            await import_progress.changed(tx, key)
            raise UndoneError
    async with transaction(WORK) as tx:
        await import_progress.changed(tx, key)
    async with transaction(WORK) as tx:
        await import_progress.count_sent(tx, [key, key])
    async with asyncio.timeout(10):
        assert [await heard.get(), await heard.get()] == [f"{key.hex}:1", f"{key.hex}:2"]
    await listener.close()
