"""Requests for a sign-in link by mail. Whoever takes a request down does not look for the member, so that no answer tells, not
even by its time, whether there is one; the worker looks, and writes the mail."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from models.commands import jobs
from models.connection import Db, execute, fetch, fetch_one
from models.rules.ids import uuid7
from models.rules.quota import LINKS_OF_AN_ADDRESS

JOB = "sign_in.mail"
KEPT = timedelta(days=1)
WORTHWHILE, FIRST_PAUSE = timedelta(minutes=15), timedelta(seconds=20)
"""How long a mail is worth sending, and the pause before the second try."""


@dataclass(frozen=True, slots=True)
class NewRequest:
    """`address_hashes` are those of the address under every secret, the one to store first."""

    email: str
    address_hashes: Sequence[bytes]
    browser_hash: bytes


@dataclass(frozen=True, slots=True)
class Request:
    """A request in progress, for the first time if `tries` is 1."""

    id: UUID
    email: str
    browser_hash: bytes
    created_at: datetime
    tries: int


_ADD = """
-- Takes a request down ($1 id, $2 e-mail, $3 hashes of the address, $4 hash of the browser's secret, $5 now), unless there were
-- already so many ($7) for this address since a moment ($6).
insert into sign_in_request (id, email, address_hash, browser_hash, created_at, due_at)
select $1, $2, ($3::bytea[])[1], $4, $5, $5
where (select count(*) from sign_in_request where address_hash = any($3::bytea[]) and created_at > $6) < $7
returning id
"""


async def add(tx: Db, new: NewRequest, now: datetime) -> bool:
    """Stores the request and its job; False if there were too many for this address within the links' lifetime."""
    await execute(tx, "select pg_advisory_xact_lock(hashtextextended(encode($1, 'hex'), 0))", new.address_hashes[0])
    key, since = uuid7(), now - WORTHWHILE
    values = (key, new.email, list(new.address_hashes), new.browser_hash, now, since, LINKS_OF_AN_ADDRESS)
    if await fetch_one(tx, _ADD, *values) is None:
        return False
    await _enqueue(tx, key, tries=0)
    return True


async def _enqueue(tx: Db, key: UUID, *, tries: int) -> None:
    await jobs.enqueue(tx, JOB, key.hex, dedupe_key=f"sign-in:{key.hex}:{tries}")


_TAKE = """
-- Takes a due request ($1, $2 now), so that it is not tried again unless the mail certainly did not leave.
update sign_in_request set due_at = null, tries = tries + 1 where id = $1 and due_at <= $2 and email is not null
returning id, email, browser_hash, created_at, tries
"""


async def take(db: Db, key: UUID, now: datetime) -> Request | None:
    """None if it is not due."""
    row = await fetch_one(db, _TAKE, key, now)
    return Request(**row) if row else None


def next_try(request: Request, now: datetime) -> datetime | None:
    """After growing pauses; None if the mail would then no longer be worth sending."""
    again = now + FIRST_PAUSE * 2 ** (request.tries - 1)
    return again if again < request.created_at + WORTHWHILE else None


async def postpone(db: Db, key: UUID, until: datetime) -> None:
    """The mail certainly did not leave."""
    await execute(db, "update sign_in_request set due_at = $2 where id = $1", key, until)


async def finish(db: Db, key: UUID) -> None:
    """Forgets the address; its hash still counts."""
    await execute(db, "update sign_in_request set email = null, due_at = null where id = $1", key)


async def enqueue_due(tx: Db, now: datetime) -> int:
    """Enqueues those to be tried again, and those whose job was lost. Returns how many."""
    rows = await fetch(tx, "select id, tries from sign_in_request where due_at <= $1 order by due_at limit 100", now)
    for row in rows:
        await _enqueue(tx, row["id"], tries=row["tries"])
    return len(rows)


async def prune(db: Db, now: datetime) -> None:
    """Also forgets the addresses of requests whose worker was lost."""
    await execute(db, "delete from sign_in_request where created_at < $1", now - KEPT)
    lost = "update sign_in_request set email = null, due_at = null where email is not null and created_at < $1"
    await execute(db, lost, now - 2 * WORTHWHILE)
