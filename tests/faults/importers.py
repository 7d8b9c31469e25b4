"""Workers that lose imports on a database of their own, and what the database then tells about these imports."""

import asyncio
import json
import random
import sys
from asyncio.subprocess import PIPE
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import asyncpg

from tests.conftest import make_database
from tests.faults.dying_importer import KNOWN, OPEN, RECENT, SUPPRESSED

ROWS = 150
ANSWER_SECONDS = 120
_SESSIONS = """
select count(*) from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'
"""
_STORED = """
-- What is stored of an import and its account, in one snapshot ($1 name of the import).
select b.*, coalesce(n.invitations, 0) as invitations, coalesce(n.customers, 0) as customers, coalesce(n.events, 0) as events,
  coalesce(n.first_messages, 0) as first_messages,
  (select count(*) from import_row r where r.bulk_import_id = b.id) as rows,
  (select count(*) from import_row r where r.bulk_import_id = b.id and r.row <= b.judged_rows and r.code is null) as accepted,
  (select count(*) - count(distinct lower(email)) from customer c where c.account_id = b.account_id) as customers_twice,
  (select sum(reserved) from account_usage u where u.account_id = b.account_id) as reserved,
  (select sum(reserved) from location_usage u where u.account_id = b.account_id) as reserved_there,
  (select count(*) from invitation i where i.account_id = b.account_id and i.state = 'QUEUED') as queued,
  (select sum(taken_in) from account_day d where d.account_id = b.account_id) as taken_in,
  (select count(*) from invitation i where i.account_id = b.account_id and i.state <> 'COMPLETED') as taken_in_ever
from bulk_import b left join lateral (
  select count(*) as invitations, count(distinct customer_id) as customers,
    sum((select count(*) from activity_event e where e.invitation_id = i.id and e.kind = 'INVITED')) as events,
    sum((select count(*) from message m where m.invitation_id = i.id and m.step = 1)) as first_messages
  from invitation i where i.bulk_import_id = b.id
) n on true
where b.name = $1
"""
_OUTCOME = """
-- What became of each row ($1 name of the import).
select r.row, r.code, c.email, c.first_name, c.last_name, i.channels, i.reserved_cycle,
  array(select m.step || ' ' || m.channel || ' ' || m.after_seconds from message m where m.invitation_id = i.id order by m.step)
    as messages,
  array(select concat_ws(' ', e.ordinal, e.code, e.column_name, e.value, e.message, e.elsewhere) from import_row_error e
    where e.bulk_import_id = b.id and e.row = r.row order by e.ordinal) as errors
from bulk_import b join import_row r on r.bulk_import_id = b.id
left join (invitation i join customer c on c.id = i.customer_id)
  on i.bulk_import_id = b.id and (c.email = r.email or r.email is null and c.phone = r.phone) and r.code is null
where b.name = $1 order by r.row
"""


@dataclass
class Importers:
    """Forked workers, as in `dying_importer.py`; `seqs` are the notified numbers of each import."""

    url: str
    process: asyncio.subprocess.Process
    connection: asyncpg.Connection
    seqs: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    stopped: bool = False
    _lists: int = 0

    async def run(self, command: str, *given: object) -> str:
        """What became of the process that ran the command, once its sessions have ended too, unless a process is stopped."""
        await self.send(command, *given)
        fate = await self.answer()
        self.stopped = fate == "stopped" or (self.stopped and command != "continue")
        async with asyncio.timeout(ANSWER_SECONDS):
            while not self.stopped and await self.connection.fetchval(_SESSIONS):
                await asyncio.sleep(0.002)
        return fate

    async def send(self, command: str, *given: object) -> None:
        assert self.process.stdin
        self.process.stdin.write(f"{json.dumps([command, *given])}\n".encode())
        await self.process.stdin.drain()

    async def answer(self) -> str:
        assert self.process.stdout
        return (await asyncio.wait_for(self.process.stdout.readline(), ANSWER_SECONDS)).decode().strip()

    async def prepare(self, number: int, records: list[str], **options: object) -> list[str]:
        """The names of so many new imports of this list."""
        self._lists += 1
        assert await self.run("prepare", f"list {self._lists}", number, records, options) == "ended"
        return [f"list {self._lists} {index}" for index in range(number)]

    async def key(self, name: str) -> str:
        key: str = (await self.stored(name))["id"].hex
        return key

    async def stored(self, name: str) -> asyncpg.Record:
        return await self.connection.fetchrow(_STORED, name)

    async def outcome(self, name: str) -> list[asyncpg.Record]:
        """What became of each row, the same for every import of the same list."""
        found: list[asyncpg.Record] = await self.connection.fetch(_OUTCOME, name)
        return found

    async def check(self, name: str) -> asyncpg.Record:
        """Asserts that everything counted agrees with everything stored, as it must at any moment."""
        found = await self.stored(name)
        assert found["rows"] == found["parsed_rows"]
        assert found["judged_rows"] == found["invited_rows"] + found["skipped_rows"] + found["invalid_rows"]
        assert found["accepted"] == found["invited_rows"]
        invited = 0 if found["dry_run"] else found["invited_rows"]
        assert [found[what] for what in ("invitations", "customers", "events", "first_messages")] == [invited] * 4
        assert (found["reserved"], found["reserved_there"]) == (found["queued"], found["queued"])
        assert (found["taken_in"], found["customers_twice"]) == (found["taken_in_ever"], 0)
        seqs = self.seqs[found["id"].hex]
        assert seqs == list(range(1, found["seq"] + 1))
        return found

    async def check_ended(self, name: str, state: str, outcome: list[asyncpg.Record]) -> asyncpg.Record:
        """Asserts this state, and this outcome of all rows."""
        found = await self.check(name)
        assert (found["state"], found["error"]) == (state, None)
        assert found["judged_rows"] == found["parsed_rows"] == found["total_rows"] == len(outcome)
        assert await self.outcome(name) == outcome
        return found


@asynccontextmanager
async def importers(name: str) -> AsyncIterator[Importers]:
    url = await make_database(name)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.faults.dying_importer", url, stdin=PIPE, stdout=PIPE
    )
    connection = await asyncpg.connect(url)
    started = Importers(url, process, connection)

    def heard(_: object, __: int, ___: str, payload: Any) -> None:
        key, _, seq = payload.partition(":")
        started.seqs[key].append(int(seq))

    await connection.add_listener("import_progress", heard)
    try:
        yield started
    finally:
        await connection.close()
        process.kill()
        await process.wait()


def mixed(chance: random.Random) -> list[str]:
    """Records with every verdict, in an order of chance; the allowance ends before they do."""
    fresh = [f"Person,{index},person-{index}@example.org," for index in range(ROWS * 7 // 10)]
    known = [f"Kim,Lee,{address}," for address in (SUPPRESSED, OPEN, RECENT, KNOWN)]
    again = [chance.choice(fresh) for _ in range(ROWS // 10)]
    wrong = ["Nobody,,,", "Wrong,,wrong@,", f"{'long' * 100},,long@example.org,"]
    records = [*fresh, *known, *again, *wrong]
    records += [chance.choice(wrong) for _ in range(ROWS - len(records))]
    chance.shuffle(records)
    return records
