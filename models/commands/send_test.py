"""Test messages: a step that a member sends to their own address. Each leaves at most once."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from models.commands import allowance, jobs
from models.connection import Db, execute, fetch, fetch_one
from models.reads.drafts import COLUMNS, Draft, Sample, sample_draft
from models.rules.errors import AllowanceExceeded
from models.rules.ids import uuid7
from models.rules.quota import TESTS_OF_AN_ACCOUNT

JOB = "message.test"
KEPT = timedelta(days=7)
MOST_TRIES, FIRST_PAUSE = 6, timedelta(minutes=1)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class NewTest:
    """A step to send, and the user who receives it."""

    account_id: UUID
    location_id: UUID
    template_id: UUID
    step: int
    user_id: UUID


_SENT = """
-- How many test messages did an account ($1) ask for since a moment ($2), and when does the first of them no longer count?
select count(*) as number, min(created_at) as first from test_message where account_id = $1 and created_at > $2
"""


async def send_test(tx: Db, test: NewTest, now: datetime) -> UUID:
    """Stores the test message and its job. Raises AllowanceExceeded."""
    await allowance.lock_one(tx, test.account_id)
    row = await fetch_one(tx, _SENT, test.account_id, now - _DAY)
    if row is not None and row["number"] >= TESTS_OF_AN_ACCOUNT:
        again = (row["first"] + _DAY).isoformat(timespec="seconds").replace("+00:00", "Z")
        raise AllowanceExceeded(
            f"This account has sent {TESTS_OF_AN_ACCOUNT} test messages within a day; try again at {again}.", ["step"]
        )
    key = uuid7()
    await execute(
        tx,
        "insert into test_message (id, account_id, location_id, template_id, step, user_id, created_at, due_at) "
        "values ($1, $2, $3, $4, $5, $6, $7, $7)",
        key,
        test.account_id,
        test.location_id,
        test.template_id,
        test.step,
        test.user_id,
        now,
    )
    await _enqueue(tx, key, tries=0)
    return key


async def _enqueue(tx: Db, key: UUID, *, tries: int) -> None:
    await jobs.enqueue(tx, JOB, key.hex, dedupe_key=f"test:{key.hex}:{tries}")


_TAKE = f"""
-- Takes a due test message ($1, $2 now), so that it is not tried again unless it certainly did not leave.
with x as (
  update test_message set due_at = null, tries = tries + 1 where id = $1 and due_at <= $2 returning *
)
select x.step, x.tries, x.account_id, x.location_id, 'EMAIL' as channel, u.name, u.email, {COLUMNS}
from x join app_user u on u.id = x.user_id join template t on t.id = x.template_id
join location l on l.id = x.location_id join account a on a.id = x.account_id
"""


async def take(db: Db, key: UUID, now: datetime) -> tuple[int, Draft] | None:
    """The number of this try, and the draft; None if it is not due."""
    row = await fetch_one(db, _TAKE, key, now)
    return (row["tries"], sample_draft(row, key, Sample(row["name"], row["email"]))) if row else None


async def sent(db: Db, key: UUID, now: datetime) -> None:
    await execute(db, "update test_message set sent_at = $2 where id = $1", key, now)


async def postpone(db: Db, key: UUID, until: datetime) -> None:
    """It certainly did not leave."""
    await execute(db, "update test_message set due_at = $2 where id = $1", key, until)


def next_try(tries: int, now: datetime) -> datetime | None:
    """After growing pauses; None after the last try."""
    return now + FIRST_PAUSE * 2 ** (tries - 1) if tries < MOST_TRIES else None


async def enqueue_due(tx: Db, now: datetime) -> int:
    """Enqueues those to be tried again, and those whose job was lost. Returns how many."""
    rows = await fetch(tx, "select id, tries from test_message where due_at <= $1 order by due_at limit 100", now)
    for row in rows:
        await _enqueue(tx, row["id"], tries=row["tries"])
    return len(rows)


async def prune(db: Db, now: datetime) -> None:
    await execute(db, "delete from test_message where created_at < $1", now - KEPT)
