"""A subscription sends no event after the viewer's access or token ends."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

import pytest
from websockets.asyncio.client import ClientConnection

import models
from models.clock import clock
from models.commands import import_progress
from models.connection import WORK, execute, pool, transaction
from models.rules import ids
from models.rules.enums import AccountKind, Role
from tests import factories as make
from tests.gateway import Api, Json, closing_code, receive, subscribe
from tests.resolvers.test_live_timeline import FOLLOW as TIMELINE
from tests.resolvers.test_live_timeline import followed

FOLLOW = "subscription ($id: ID!) { importProgress(bulkImportId: $id) { seq bulkImport { name } } }"
Revocation = Callable[[models.User, models.Account], Awaitable[None]]


async def notify(key: UUID) -> None:
    async with transaction(WORK) as tx:
        await import_progress.changed(tx, key)


async def _sql(text: str, user: models.User) -> None:
    await execute(pool(WORK), text, user.id)


async def revoke_role(user: models.User, _account: models.Account) -> None:
    await _sql("update membership set role = 'VIEWER' where user_id = $1", user)


async def delete_membership(user: models.User, _account: models.Account) -> None:
    await _sql("delete from membership where user_id = $1", user)


async def unassign_location(user: models.User, _account: models.Account) -> None:
    await _sql("update membership set all_locations = false where user_id = $1", user)


async def delete_user(user: models.User, _account: models.Account) -> None:
    await _sql("delete from app_user where id = $1", user)


async def event(socket: ClientConnection) -> Json:
    return dict((await receive(socket))["payload"])


@pytest.mark.parametrize(
    ("revoke", "code"),
    [
        (revoke_role, "FORBIDDEN"),
        (delete_membership, "BAD_USER_INPUT"),
        (unassign_location, "BAD_USER_INPUT"),
        (delete_user, "UNAUTHENTICATED"),
    ],
    ids=lambda one: getattr(one, "__name__", one),
)
async def test_stream_ends_before_the_next_event_once_access_is_revoked(
    api: Api, revoke: Revocation, code: str
) -> None:
    account = await make.account()
    key = await make.bulk_import(await make.location(account))
    manager = await make.member(account, Role.MANAGER)
    async with api.connected(manager) as socket:
        await subscribe(socket, FOLLOW, id=ids.public_id(ids.BULK_IMPORT, key))
        assert (await event(socket))["data"]["importProgress"]["seq"] == 0
        await notify(key)
        assert (await event(socket))["data"]["importProgress"]["seq"] == 1
        await revoke(manager, account)
        await notify(key)
        last = await event(socket)
        assert last["data"] == {"importProgress": None}
        assert [error["extensions"]["code"] for error in last["errors"]] == [code]
        assert (await receive(socket))["type"] == "complete"


@pytest.mark.parametrize(
    ("revoke", "code"),
    [
        (delete_membership, "BAD_USER_INPUT"),
        (unassign_location, "BAD_USER_INPUT"),
        (delete_user, "UNAUTHENTICATED"),
    ],
    ids=lambda one: getattr(one, "__name__", one),
)
async def test_live_timeline_ends_before_the_next_event_once_access_is_revoked(
    api: Api, revoke: Revocation, code: str
) -> None:
    customer = await followed(Role.MANAGER)
    (begin,) = await customer.ids_of_events()
    await customer.record(1)
    async with api.connected(customer.member) as socket:
        await subscribe(socket, TIMELINE, id=customer.id, after=begin)
        assert (await event(socket))["data"]["customerActivity"]["npsScore"] == 1
        await revoke(customer.member, await models.Account.get(id=customer.subject.account_id))
        await customer.record(2)
        last = await event(socket)
        assert last["data"] == {"customerActivity": None}
        assert [error["extensions"]["code"] for error in last["errors"]] == [code]
        assert (await receive(socket))["type"] == "complete"


async def test_stream_ends_when_an_agency_manager_is_unassigned_from_the_client(api: Api) -> None:
    agency = await make.account(kind=AccountKind.AGENCY)
    client = await make.account(kind=AccountKind.AGENCY_CLIENT, agency_id=agency.id)
    key = await make.bulk_import(await make.location(client))
    manager = await make.member(agency, Role.MANAGER, all_clients=False)
    await make.assign_clients(manager, client)
    async with api.connected(manager) as socket:
        await subscribe(socket, FOLLOW, id=ids.public_id(ids.BULK_IMPORT, key))
        assert (await event(socket))["data"]["importProgress"]["seq"] == 0
        await _sql(
            "delete from membership_client where membership_id in (select id from membership where user_id = $1)",
            manager,
        )
        await notify(key)
        assert (await event(socket))["data"] == {"importProgress": None}


async def test_downgrade_keeps_the_stream_open(api: Api) -> None:
    account = await make.account()
    key = await make.bulk_import(await make.location(account))
    async with api.connected(await make.member(account)) as socket:
        await subscribe(socket, FOLLOW, id=ids.public_id(ids.BULK_IMPORT, key))
        await event(socket)
        await execute(pool(WORK), "update account set plan = 'FREE' where id = $1", account.id)
        await notify(key)
        assert (await event(socket))["data"]["importProgress"]["seq"] == 1


async def test_expired_token_closes_the_socket(api: Api) -> None:
    account = await make.account()
    key = await make.bulk_import(await make.location(account))
    owner = await make.member(account)
    async with api.connected(owner, lifetime=timedelta(seconds=2)) as socket:
        await subscribe(socket, FOLLOW, id=ids.public_id(ids.BULK_IMPORT, key))
        await event(socket)
        assert await closing_code(socket) == 4401


async def test_no_event_is_sent_with_a_token_that_expired_by_the_clock(api: Api) -> None:
    account = await make.account()
    key = await make.bulk_import(await make.location(account))
    async with api.connected(await make.member(account), lifetime=timedelta(hours=1)) as socket:
        await subscribe(socket, FOLLOW, id=ids.public_id(ids.BULK_IMPORT, key))
        await event(socket)
        clock.move(timedelta(hours=2))
        await notify(key)
        assert (await asyncio.wait_for(event(socket), 10))["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
