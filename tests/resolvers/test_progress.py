"""Live import progress: the current state, each change, the end, and the permission check at every event."""

import asyncio
import time
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest
from websockets.asyncio.client import ClientConnection

import models
from models.clock import clock
from models.commands import import_progress
from models.connection import WORK, execute, pool, transaction
from models.rules import ids
from models.rules.enums import BulkImportState, Role
from resolvers.progress import MIN_SECONDS
from tests import factories as make
from tests.gateway import Api, Json, receive, subscribe

FOLLOW = """subscription ($id: ID!, $after: Int) { importProgress(bulkImportId: $id, afterSeq: $after) {
  seq state totalRows processedRows invitedRows percent bulkImport { name progress { seq } } } }"""


async def begun() -> tuple[models.Account, str, UUID]:
    """An account, and the public id and key of its import."""
    account = await make.account()
    key = await make.bulk_import(await make.location(account), total_rows=4)
    return account, ids.public_id(ids.BULK_IMPORT, key), key


async def advance(key: UUID, **values: object) -> None:
    """Changes the row, increments seq and notifies on commit, as a worker does."""
    async with transaction(WORK) as tx:
        await models.BulkImport.filter(id=key).using_db(tx).update(**values)
        await import_progress.changed(tx, key)


async def progress(socket: ClientConnection) -> Json:
    message = await receive(socket)
    assert message["type"] == "next", message
    return dict(message["payload"]["data"]["importProgress"])


async def test_stream_starts_with_the_current_state_and_ends_with_the_import(api: Api) -> None:
    account, key, row = await begun()
    async with api.connected(await make.member(account)) as socket:
        await subscribe(socket, FOLLOW, id=key)
        first = await progress(socket)
        assert (first["seq"], first["state"], first["percent"]) == (0, "RUNNING", 0.0)
        await advance(row, invited_rows=2)
        second = await progress(socket)
        assert (second["seq"], second["processedRows"], second["percent"]) == (1, 2, 50.0)
        assert second["bulkImport"]["progress"] == {"seq": 1}
        await advance(row, invited_rows=4, state=BulkImportState.COMPLETED)
        assert (await progress(socket))["state"] == "COMPLETED"
        assert (await receive(socket))["type"] == "complete"


async def test_stream_after_the_last_seq_completes_at_once(api: Api) -> None:
    account, key, row = await begun()
    await advance(row, state=BulkImportState.FAILED, error="The file has no rows.")
    async with api.connected(await make.member(account)) as socket:
        await subscribe(socket, FOLLOW, id=key, after=0)
        assert (await progress(socket))["state"] == "FAILED"
        assert (await receive(socket))["type"] == "complete"
        await subscribe(socket, FOLLOW, "2", id=key, after=1)
        assert await receive(socket) == {"id": "2", "type": "complete"}


async def test_stream_after_a_seq_that_does_not_exist_yet_starts_with_the_current_state(api: Api) -> None:
    account, key, row = await begun()
    await advance(row, state=BulkImportState.FAILED, error="The file has no rows.")
    async with api.connected(await make.member(account)) as socket:
        await subscribe(socket, FOLLOW, id=key, after=99999)
        assert (await progress(socket))["state"] == "FAILED"
        assert (await receive(socket))["type"] == "complete"


async def test_denied_subscription_gets_null_and_an_error_then_completes(api: Api) -> None:
    account, key, _ = await begun()
    async with api.connected(await make.member(account, Role.VIEWER)) as socket:
        await subscribe(socket, FOLLOW, id=key)
        payload = (await receive(socket))["payload"]
        assert payload["data"] == {"importProgress": None}
        (error,) = payload["errors"]
        assert error["path"] == ["importProgress"]
        assert error["extensions"] == {
            "code": "FORBIDDEN",
            "coordinate": "Subscription.importProgress",
            "requires": {"roles": ["OWNER", "ADMIN", "MANAGER"]},
        }
        assert (await receive(socket))["type"] == "complete"


async def test_stream_ends_at_the_next_event_after_a_downgrade_to_viewer(api: Api) -> None:
    account, key, row = await begun()
    user = await make.member(account)
    async with api.connected(user) as socket:
        await subscribe(socket, FOLLOW, id=key)
        await progress(socket)
        await models.Membership.filter(user_id=user.id).update(role=Role.VIEWER)
        await advance(row, invited_rows=1)
        payload = (await receive(socket))["payload"]
        assert payload["data"] == {"importProgress": None}
        assert payload["errors"][0]["extensions"]["code"] == "FORBIDDEN"
        assert (await receive(socket))["type"] == "complete"


@pytest.mark.parametrize("which", ["another account's", "unknown"])
async def test_unknown_import_is_bad_user_input(api: Api, which: str) -> None:
    _, key, _ = await begun()
    stranger = await make.member(await make.account())
    async with api.connected(stranger) as socket:
        await subscribe(socket, FOLLOW, id=key if which.startswith("another") else "imp_1")
        payload = (await receive(socket))["payload"]
        assert payload["data"] == {"importProgress": None}
        assert payload["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_stream_survives_lost_connections(api: Api, db: str) -> None:
    account, key, row = await begun()
    async with api.connected(await make.member(account)) as socket:
        await subscribe(socket, FOLLOW, id=key)
        await progress(socket)
        other = await asyncpg.connect(db)
        await other.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where pid <> pg_backend_pid() and datname = current_database()"
        )
        # Without a notification, while the listening connection may still be down.
        await other.execute("update bulk_import set seq = seq + 1, state = 'COMPLETED' where id = $1", row)
        await other.close()
        assert (await progress(socket))["state"] == "COMPLETED"
        assert (await receive(socket))["type"] == "complete"


async def test_two_subscribers_see_the_same_events(api: Api) -> None:
    account, key, row = await begun()
    owner = await make.member(account)
    async with api.connected(owner) as one, api.connected(owner) as other:
        for socket in (one, other):
            await subscribe(socket, FOLLOW, id=key)
            await progress(socket)
        await advance(row, invited_rows=3)
        seen = await asyncio.gather(progress(one), progress(other))
        assert [each["seq"] for each in seen] == [1, 1]


async def test_expired_token_closes_the_connection(api: Api) -> None:
    account, key, _ = await begun()
    user = await make.member(account)
    async with api.connected(user, lifetime=timedelta(seconds=2)) as socket:
        await subscribe(socket, FOLLOW, id=key)
        await progress(socket)
        await socket.wait_closed()
        assert socket.close_code == 4401


async def test_slow_reader_skips_states_but_gets_the_last_one(api: Api) -> None:
    account, key, row = await begun()
    async with api.connected(await make.member(account)) as socket:
        await subscribe(socket, FOLLOW, id=key)
        await progress(socket)
        for number in range(1, 21):
            await execute(pool(WORK), "update bulk_import set seq = $2 where id = $1", row, number)
        await advance(row, state=BulkImportState.COMPLETED, finished_at=clock.now())
        seen = [await progress(socket)]
        while seen[-1]["state"] != "COMPLETED":
            seen.append(await progress(socket))
        assert seen[-1]["seq"] == 21
        assert len(seen) < 21


async def test_changes_in_quick_succession_are_at_most_four_events_a_second_and_the_last_is_one(api: Api) -> None:
    account, key, row = await begun()
    async with api.connected(await make.member(account)) as socket:
        begin = time.monotonic()
        await subscribe(socket, FOLLOW, id=key)
        seen = [await progress(socket)]
        changing = asyncio.create_task(change_often(row))
        while seen[-1]["state"] != "COMPLETED":
            seen.append(await progress(socket))
        assert (len(seen) - 1) * MIN_SECONDS <= time.monotonic() - begin
        assert len(seen) > 2
        assert seen[-1]["seq"] == 1 + await changing
        assert (await receive(socket))["type"] == "complete"


async def change_often(row: UUID) -> int:
    """Changes the import again and again until three events could have been sent, and then completes it."""
    end, number = time.monotonic() + 3 * MIN_SECONDS, 0
    while time.monotonic() < end:
        await advance(row, invited_rows=1)
        number += 1
    await advance(row, state=BulkImportState.COMPLETED)
    return number
