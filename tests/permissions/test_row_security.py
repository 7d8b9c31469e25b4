"""With row-level security, the database shows only rows of the named accounts, and the API behaves the same."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest

import models
from models.clock import clock
from models.commands import agency_clients
from models.connection import WORK, execute, fetch, pool, transaction
from models.rules import ids
from models.rules.enums import AccountKind, Role
from plaudit.grants import GATEWAY_ROLE, ROW_SECURITY_ROLE
from tests import factories as make
from tests.gateway import Api, Json, receive, subscribe, token

SHARED_TABLES = {"app_user", "worker_heartbeat", "tortoise_migrations"}
TABLES = """select relname from pg_class
  where relnamespace = 'public'::regnamespace and relkind = 'r' and has_table_privilege(oid, 'select') order by relname"""
PAGE = """query ($search: String) { account { name usage { totalInvited invitedThisCycle } funnel { invited }
  locations { totalCount } bulkImports { totalCount }
  customers(search: $search) { totalCount { value } edges { node { id email location { name platforms { key } }
    invitation { state messages { step } activity { totalCount } } activityByDay { date } invitations { totalCount } } } } } }"""


async def visible_rows(url: str, role: str, accounts: str | None) -> dict[str, int]:
    """The number of rows that this role sees in each table it can read, while `plaudit.accounts` names these accounts."""
    connection = await asyncpg.connect(url, server_settings={"role": role})
    try:
        async with connection.transaction():
            if accounts is not None:
                await connection.execute("select set_config('plaudit.accounts', $1, true)", accounts)
            tables = [row[0] for row in await connection.fetch(TABLES)]
            return {table: await connection.fetchval(f"select count(*) from {table}") for table in tables}
    finally:
        await connection.close()


async def one_of_everything() -> models.Account:
    """An account with rows in most tables."""
    agency = await make.account(kind=AccountKind.AGENCY)
    account = await make.account(kind=AccountKind.AGENCY_CLIENT, agency_id=agency.id)
    location = await make.location(account)
    await make.assign(await make.member(account, all_locations=False), location)
    await make.assign_clients(await make.member(agency, Role.VIEWER, all_clients=False), account)
    await make.bulk_import(location)
    await make.sent(await make.invited(location))
    async with transaction(WORK) as tx:
        await agency_clients.refresh(tx, [account.id], clock.now())
    return account


async def test_every_tenant_table_has_row_level_security(db: str) -> None:
    found = await fetch(
        pool(WORK),
        "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' and not relrowsecurity",
    )
    assert {row["relname"] for row in found} == SHARED_TABLES


async def test_only_rows_of_the_named_accounts_are_visible(db: str) -> None:
    mine, other = await one_of_everything(), await one_of_everything()
    for named in (None, "", "00000000-0000-0000-0000-000000000000"):
        seen = await visible_rows(db, ROW_SECURITY_ROLE, named)
        assert {table: number for table, number in seen.items() if number}.keys() <= SHARED_TABLES
    seen = await visible_rows(db, ROW_SECURITY_ROLE, mine.id.hex)
    assert (seen["account"], seen["customer"], seen["message"], seen["membership_location"]) == (1, 1, 4, 1)
    both = await visible_rows(db, ROW_SECURITY_ROLE, f"{mine.id.hex},{other.id.hex}")
    assert (both["account"], both["customer"]) == (2, 2)
    everything = await visible_rows(db, GATEWAY_ROLE, None)
    assert everything["account"] >= 4


@asynccontextmanager
async def scoped_transaction(url: str, account: models.Account) -> AsyncIterator[asyncpg.Connection]:
    """A transaction limited to this account by row-level security."""
    connection = await asyncpg.connect(url, server_settings={"role": ROW_SECURITY_ROLE})
    try:
        async with connection.transaction():
            await connection.execute(f"set local plaudit.accounts = '{account.id.hex}'")
            yield connection
    finally:
        await connection.close()


async def test_rows_of_other_accounts_cannot_be_updated_or_inserted(db: str) -> None:
    mine, other = await one_of_everything(), await one_of_everything()
    change = "update customer set first_name = 'x' where account_id = $1"
    add = """insert into suppression (account_id, channel, address_key, hint, reason, created_at)
      values ($1, 'EMAIL', '', 'a@example.com', 'UNSUBSCRIBED', now())"""
    async with scoped_transaction(db, mine) as connection:
        assert await connection.execute(change, other.id) == "UPDATE 0"
        assert await connection.execute(change, mine.id) == "UPDATE 1"
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(add, other.id)


async def test_customers_page_is_the_same_with_row_level_security(api: Api, row_security_api: Api) -> None:
    account = await make.account()
    location = await make.location(account)
    for name in ("Zebedee", "Quentin"):
        await make.sent(await make.invited(location, make.person(first_name=name)))
    owner = await make.member(account)
    for search in (None, "zebed", "example.com", "nobody"):
        assert await row_security_api.data(owner, PAGE, search=search) == await api.data(owner, PAGE, search=search)


async def test_agency_members_work_in_clients_with_row_level_security(row_security_api: Api) -> None:
    agency = await make.account(kind=AccountKind.AGENCY)
    clients = [await make.account(kind=AccountKind.AGENCY_CLIENT, agency_id=agency.id) for _ in range(3)]
    async with transaction(WORK) as tx:
        await agency_clients.refresh(tx, [client.id for client in clients], clock.now())
    locations = [await make.location(client) for client in clients]
    for location in locations:
        await make.sent(await make.invited(location))
    some = await make.member(agency, Role.MANAGER, all_clients=False)
    await make.assign_clients(some, clients[0], clients[2])
    document = """{ agency { totals { clients funnel { invited } } clients { totalCount edges { node {
      account { id } usage { totalInvited } funnel { invited } } } } } }"""
    for user, number in ((await make.member(agency), 3), (some, 2)):
        board = (await row_security_api.data(user, document))["agency"]
        assert (board["totals"]["clients"], board["totals"]["funnel"]["invited"]) == (number, number)
        assert [edge["node"]["funnel"]["invited"] for edge in board["clients"]["edges"]] == [1] * number
    review = """mutation ($location: ID!) { recordReview(input: {locationId: $location, platform: "google", externalId: "1",
      reviewerName: "Ann Smith", reviewedOn: "2030-05-01T10:00:00Z"}) { review { id } userErrors { code } } }"""
    admin = await make.member(agency, Role.ADMIN)
    done = await row_security_api.data(admin, review, location=ids.public_id(ids.LOCATION, locations[0].id))
    assert done["recordReview"]["userErrors"] == [{"code": "INVALID"}]
    done = await row_security_api.data(
        admin, review.replace("2030-05", "2026-05"), location=ids.public_id(ids.LOCATION, locations[0].id)
    )
    assert done["recordReview"]["review"] is not None


async def test_mutations_uploads_and_progress_work_with_row_level_security(row_security_api: Api) -> None:
    account = await make.account()
    location = await make.location(account)
    owner = await make.member(account)
    here = ids.public_id(ids.LOCATION, location.id)
    invite = """mutation ($here: ID!) { inviteCustomer(input: {locationId: $here, email: "a@example.com", channels: [EMAIL],
      idempotencyKey: "k"}) { invitation { id state } userErrors { message } } }"""
    invitation = (await row_security_api.data(owner, invite, here=here))["inviteCustomer"]["invitation"]
    assert (await row_security_api.data(owner, invite, here=here))["inviteCustomer"]["invitation"] == invitation
    stop = """mutation ($id: ID!) { stopInvitation(input: {invitationId: $id}) { invitation { state } userErrors { message } } }"""
    stopped = (await row_security_api.data(owner, stop, id=invitation["id"]))["stopInvitation"]
    assert stopped == {"invitation": {"state": "STOPPED"}, "userErrors": []}
    headers = {"authorization": f"Bearer {token(owner)}", "content-type": "text/csv"}
    answer = await row_security_api.client.post("/uploads", content=b"Mail\na@example.com\n", headers=headers)
    begin = """mutation ($here: ID!, $upload: ID!) { bulkImport(input: {locationId: $here, name: "L", uploadId: $upload,
      mapping: [{column: "Mail", field: EMAIL}], channels: [EMAIL]}) { bulkImport { id } userErrors { message } } }"""
    started = (await row_security_api.data(owner, begin, here=here, upload=answer.json()["uploadId"]))["bulkImport"]
    assert started["userErrors"] == []
    async with row_security_api.connected(owner) as socket:
        document = """subscription ($id: ID!) { importProgress(bulkImportId: $id) {
          state bulkImport { rowErrors { totalCount } } } }"""
        await subscribe(socket, document, id=started["bulkImport"]["id"])
        event: Json = (await receive(socket))["payload"]
    assert event["data"]["importProgress"]["state"] == "QUEUED"
    assert event["data"]["importProgress"]["bulkImport"]["rowErrors"] == {"totalCount": 0}
    await execute(pool(WORK), "update bulk_import set state = 'FAILED' where account_id = $1", account.id)
