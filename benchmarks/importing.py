"""How fast a list is imported, against plain COPY of the rows that it leaves, into the same tables with the same indexes; how much
memory that takes; and how long a page takes meanwhile."""

import argparse
import asyncio
import io
import random
import resource
import time
from collections.abc import AsyncIterator
from statistics import median
from uuid import UUID

import asyncpg
import httpx

import models
from benchmarks.harness import fresh_database, gateways, print_table, time_operation
from bulk_import import runner, storage
from models.clock import clock, first_of
from models.connection import WORK, transaction
from models.rules.enums import SuppressionReason
from tests import factories as make
from tests.bulk_import.imports import HEADER, MAPPING

OTHERS, OWN = 800_000, 200_000
PAGE_SECONDS, PAGE_ROWS = 10.0, 5_000
PAGE = """{ account { usage { invitedThisCycle }
  customers(first: 25) { edges { node { firstName invitation { state stateReason nextMessageAt } } } } } }"""
FIRST = ("Anna", "Ben", "Chloé", "Dmitri", "Elif", "Farid", "Grace", "Hans", "Ingrid", "João")
LAST = ("Meyer", "Okafor", "Silva", "Tanaka", "Nowak", "Dupont", "García", "Smith", "Kaya", "Lindqvist")
_CUSTOMERS = """
insert into customer (account_id, location_id, first_name, last_name, email, phone, phone_national, zone_spread, source, invited_on,
  created_at, latest_invitation_id)
select $1, $2, ($4::text[])[1 + n % 10], ($5::text[])[1 + n / 10 % 10] || n % 977, 'person' || n || '@mail' || n % 89 || '.example',
  '+4930' || 1000000 + n, '030 ' || 1000000 + n, 0, 'Till',
  now() - case when n % 100 = 1 then 1 else 500 + n % 300 end * interval '1 day', now(), uuidv7()
from generate_series(1, $3) n
"""
_INVITATIONS = """
insert into invitation (id, account_id, location_id, customer_id, state, state_changed_at, channels, taken_in_at, invited_on,
  first_sent_at, source)
select latest_invitation_id, account_id, location_id, id, case when phone like '%00' then 'ACTIVE' else 'COMPLETED' end, invited_on,
  '{EMAIL}', invited_on, invited_on, invited_on, 'Till'
from customer where location_id = $1
"""
_INDEXES = """
select indexname, indexdef from pg_indexes
where schemaname = 'public' and tablename = 'customer' and indexdef not like 'CREATE UNIQUE%'
"""
_SUPPRESSIONS = """
insert into suppression (account_id, channel, address_key, hint, reason, created_at)
select $1, 'EMAIL', public.plaudit_address_key('stranger' || n || '@mail.example'), 's***@mail.example', $2, now()
from generate_series(1, 20000) n
"""
_MADE = "id in (select customer_id from invitation where bulk_import_id = $1) and created_at = invited_on"
LEFT = {
    "customer": "id in (select id from made)",
    "invitation": "bulk_import_id = $1",
    "message": "invitation_id in (select id from invitation where bulk_import_id = $1)",
    "activity_event": "invitation_id in (select id from invitation where bulk_import_id = $1)",
    "import_row": "bulk_import_id = $1",
    "import_row_error": "bulk_import_id = $1",
}
"""The rows that an import leaves, by table, in an order that suits the foreign keys."""


async def customers(db: asyncpg.Connection, location: models.Location, number: int) -> None:
    await db.execute(_CUSTOMERS, location.account_id, location.id, number, FIRST, LAST)
    await db.execute(_INVITATIONS, location.id)


def record(n: int, dice: random.Random) -> str:
    """A line of the list: of 100, about 90 are new people, and the others customers or people who cannot be invited."""
    first, last = dice.choice(FIRST), dice.choice(LAST)
    phone = f"030 {2_000_000 + n}" if n % 3 else ""
    match n % 100:
        case 0 | 1:
            mail = f"person{dice.randrange(OWN)}@mail.example"
        case 2 | 3:
            who = dice.randrange(1, OWN)
            mail = f"person{who}@mail{who % 89}.example"
        case 4:
            mail = f"stranger{dice.randrange(20_000)}@mail.example"
        case 5:
            mail = f"new{max(0, n - 50)}@mail{(n - 50) % 89}.example"
        case 6:
            mail = f"new{n} at mail.example"
        case _:
            mail = f"new{n}@mail{n % 89}.example"
    return f"{first},{last}{n % 1013},{mail},{phone}\n"


async def upload(account: models.Account, number: int, seed: int) -> UUID:
    async def body() -> AsyncIterator[bytes]:
        yield f"{HEADER}\n".encode()
        dice = random.Random(seed)
        start = seed * 10_000_000
        for at in range(0, number, 5_000):
            lines = (record(start + n, dice) for n in range(at, min(at + 5_000, number)))
            yield "".join(lines).encode()

    key = await storage.store(account.id, account.id, body(), clock.now())
    async with transaction(WORK) as tx:
        await storage.keep(tx, key, clock.now())
    return key


async def run_list(location: models.Location, number: int, seed: int) -> tuple[models.BulkImport, float]:
    """Imports a list; the seconds that took."""
    account = await models.Account.get(id=location.account_id)
    upload_id = await upload(account, number, seed)
    key = await make.bulk_import(location, upload_id=upload_id, mapping=MAPPING, state="QUEUED", channels=["EMAIL"])
    started = time.perf_counter()
    await runner.run(key)
    seconds = time.perf_counter() - started
    done = await models.BulkImport.get(id=key)
    assert done.state == "COMPLETED", done.error
    return done, seconds


async def copy_again(db: asyncpg.Connection, key: UUID) -> float:
    """Takes out what the import left, and copies it in again, table by table; the seconds of the copying."""
    saved = await _take_out(db, key)
    seconds = 0.0
    for table, rows in saved.items():
        rows.seek(0)
        started = time.perf_counter()
        await db.copy_to_table(table, source=rows, columns=await _columns(db, table), format="binary")
        seconds += time.perf_counter() - started
    return seconds


async def _take_out(db: asyncpg.Connection, key: UUID) -> dict[str, io.BytesIO]:
    saved = {table: io.BytesIO() for table in LEFT}
    await _keep(db, "made", "customer", ["id"], _MADE, key)
    for table, mine in LEFT.items():
        await _keep(db, f"old_{table}", table, await _columns(db, table), mine, key)
        await db.copy_from_table(f"old_{table}", output=saved[table], format="binary")
    await db.execute("set session_replication_role = replica")  # no foreign keys, and events can be deleted
    for table in LEFT:
        has_key = not table.startswith("import_row")
        same = f"id in (select id from old_{table})" if has_key else f"bulk_import_id = '{key}'"
        await db.execute(f"delete from {table} where {same}")
    await db.execute("set session_replication_role = origin")
    for table in LEFT:
        await db.execute(f"drop table old_{table}")
    await db.execute("drop table made")
    await db.execute("vacuum")
    return saved


async def _keep(db: asyncpg.Connection, name: str, table: str, columns: list[str], mine: str, key: UUID) -> None:
    query = f"select {', '.join(columns)} from {table} where {mine}".replace("$1", f"'{key}'")
    await db.execute(f"create temporary table {name} as {query}")


async def _columns(db: asyncpg.Connection, table: str) -> list[str]:
    rows = await db.fetch(
        "select attname from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped and attgenerated = '' "
        "order by attnum",
        table,
    )
    return [row["attname"] for row in rows]


def memory() -> float:
    """The largest resident size of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


async def page_times(gateway: httpx.AsyncClient, member: models.User, until: asyncio.Event) -> list[float]:
    """The milliseconds of a page of customers, one after the other with a pause, until the event."""
    took = []
    while not until.is_set():
        took.append(await time_operation(gateway, member, (PAGE, {})))
        await first_of(until, seconds=0.1)
    return took


async def measured(db: asyncpg.Connection, location: models.Location, number: int, seed: int) -> list[object]:
    """The line of the table about a list."""
    before = memory()
    done, seconds = await run_list(location, number, seed)
    grown = memory() - before
    await db.execute("vacuum")
    plain = await copy_again(db, done.id)
    counts = [done.invited_rows, done.skipped_rows, done.invalid_rows]
    return [number, *counts, seconds, seconds / number * 1e6, plain, plain / seconds, grown]


async def prepared(db: asyncpg.Connection, others: int, own: int) -> models.Location:
    """The location to which lists are imported: in an account with `own` customers, beside one with `others`."""
    figures = {"invitations": 10_000_000, "upload_rows": 1_000_000, "upload_megabytes": 500}
    account = await make.account(overrides=figures)
    location = await make.location(account, cool_down_days=90)
    indexes = await db.fetch(_INDEXES)
    for index in indexes:  # much faster to build afterwards
        await db.execute(f"drop index {index['indexname']}")
    await customers(db, location, own)
    await customers(db, await make.location(await make.account()), others)
    for index in indexes:
        await db.execute(index["indexdef"])
    await db.execute(_SUPPRESSIONS, account.id, str(SuppressionReason.UNSUBSCRIBED))
    await db.execute("vacuum analyze")
    return location


async def main(numbers: list[int], others: int, own: int) -> None:
    async with fresh_database() as url:
        db = await asyncpg.connect(url)
        location = await prepared(db, others, own)
        rows = [await measured(db, location, number, seed) for seed, number in enumerate(numbers, 1)]
        columns = (
            "rows",
            "invited",
            "skipped",
            "invalid",
            "seconds",
            "µs per row",
            "COPY, seconds",
            "ratio",
            "MB more",
        )
        print_table(f"Lists in a database with {others + own:,} customers", columns, rows)
        print_table(
            "Pages of customers, ms", ("when", "median", "slowest"), await pages(url, location, len(numbers) + 1)
        )
        await db.close()


async def pages(url: str, location: models.Location, seed: int) -> list[list[object]]:
    """How long a page of the account's customers takes: while nothing else happens, and while a list is imported."""
    member = await make.member(await models.Account.get(id=location.account_id))
    async with gateways(url, {"gateway": {}}) as running:
        idle, meanwhile = asyncio.Event(), asyncio.Event()
        asyncio.get_running_loop().call_later(PAGE_SECONDS, idle.set)
        before = await page_times(running["gateway"], member, idle)
        reading = asyncio.create_task(page_times(running["gateway"], member, meanwhile))
        await run_list(location, PAGE_ROWS, seed)
        meanwhile.set()
        return [[name, median(took), max(took)] for name, took in (("idle", before), ("meanwhile", await reading))]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[5_000, 50_000])
    parser.add_argument("--others", type=int, default=OTHERS)
    parser.add_argument("--own", type=int, default=OWN)
    given = parser.parse_args()
    asyncio.run(main(given.rows, given.others, given.own))
