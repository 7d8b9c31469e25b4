"""Subscribers of an import are notified of every committed change, and of no others."""

import asyncio
from contextlib import suppress

import asyncpg
import pytest

from models.commands import import_progress
from models.connection import WORK, transaction
from tests import factories as make

pytestmark = pytest.mark.usefixtures("db")


class RollbackError(Exception):
    """Rolls a transaction back."""


async def test_a_commit_notifies_the_import_and_its_new_seq(db: str) -> None:
    key = await make.bulk_import(await make.location(await make.account()))
    notices: asyncio.Queue[str] = asyncio.Queue()
    listener = await asyncpg.connect(db)
    await listener.add_listener(import_progress.CHANNEL, lambda *args: notices.put_nowait(args[-1]))
    with suppress(RollbackError):
        async with transaction(WORK) as tx:
            await import_progress.changed(tx, key)
            raise RollbackError
    async with transaction(WORK) as tx:
        await import_progress.changed(tx, key)
    async with transaction(WORK) as tx:
        await import_progress.count_sent(tx, [key, key])
    async with asyncio.timeout(10):
        assert [await notices.get(), await notices.get()] == [f"{key.hex}:1", f"{key.hex}:2"]
    await listener.close()
