"""Fills a database with queued messages, by few statements, and a relay in a process of its own that receives them."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

import asyncpg

from models.rules.cycle import cycle_at
from tests import factories as make

_ACCOUNTS = """
insert into account (id, key, name, kind, plan, time_zone, anchor_day, country, language, overrides, created_at)
select uuidv7(), key || '-' || n, name || ' ' || n, kind, plan, time_zone, anchor_day, country, language,
  '{"invitations": 100000000}', created_at
from account, generate_series(1, $2) n where id = $1
"""
_LOCATIONS = """
insert into location (id, account_id, key, name, time_zone, country, language, postal_address, sender_name, sender_email,
  email_from_hour, email_until_hour, sms_from_hour, sms_until_hour, cool_down_days, answer_window_days, goals, created_at)
select uuidv7(), a.id, a.key, a.name, l.time_zone, l.country, l.language, l.postal_address, l.sender_name, l.sender_email,
  0, 24, 0, 24, 0, 30, l.goals, l.created_at
from account a, location l where l.account_id = $1 and a.id <> $1
"""
_TEMPLATES = """
insert into template (id, account_id, location_id, key, version, subject, text, html, created_at)
select uuidv7(), l.account_id, l.id, t.key, t.version, t.subject, t.text, t.html, t.created_at
from location l, template t where t.account_id = $1 and l.account_id <> $1
"""
_LANES = """
insert into lane (account_id, location_id, channel, rate, burst, tokens, refilled_at)
select account_id, id, 'EMAIL', 500, 500, 500, $2 from location where account_id <> $1
"""


async def tenants(url: str, number: int, now: datetime) -> None:
    """Makes this many accounts in UTC, each with a location, a lane that sends at all hours, and a template."""
    first = await make.account(time_zone="UTC")
    await make.location(first)
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(_ACCOUNTS, first.id, number)
        await connection.execute(_LOCATIONS, first.id)
        await connection.execute(_TEMPLATES, first.id)
        await connection.execute(_LANES, first.id, now)
    finally:
        await connection.close()


EVENLY, ONE_AND_OTHERS = "n % {tenants}", "greatest(0, n - ({number} - {tenants}))"
"""Which tenant gets the message with number n: each in turn; or all but the last ones the first, and the others one each."""
_PLANNED = """
create temporary table planned as
select n, uuidv7() as customer_id, uuidv7() as invitation_id, q.*
from (select n, {tenant} as tenant from generate_series(0, {number} - 1) n) p
join (
  select row_number() over (order by la.id) - 1 as place, la.id as lane_id, la.account_id, la.location_id, t.id as template_id
  from lane la join template t on t.location_id = la.location_id
) q on q.place = p.tenant
"""
_CUSTOMERS = """
insert into customer (id, account_id, location_id, first_name, last_name, email, source, invited_on, created_at)
select customer_id, account_id, location_id, 'Ann', 'Smith', 'person' || n || '@example.com', 'Till', $1, $1 from planned
"""
_INVITATIONS = """
insert into invitation (id, account_id, location_id, customer_id, state, state_changed_at, channels, taken_in_at, invited_on,
  reserved_cycle, source)
select invitation_id, account_id, location_id, customer_id, 'QUEUED', $1, '{EMAIL}', $1, $1, $2, 'Till' from planned
"""
_QUEUED = """
insert into message (account_id, location_id, invitation_id, state, lane_id, template_id, step, channel, after_seconds, due_at,
  attempts)
select account_id, location_id, invitation_id, 'SCHEDULED', lane_id, template_id, 1, 'EMAIL', 0,
  $1::timestamptz - interval '1 hour' + n * interval '1 microsecond', 0
from planned
"""
_RESERVED = """
with account as (
  insert into account_usage (account_id, cycle_starts_on, invited, reserved)
  select account_id, $1::date, 0, count(*) from planned group by account_id
)
insert into location_usage (account_id, location_id, cycle_starts_on, invited, reserved)
select account_id, location_id, $1::date, 0, count(*) from planned group by account_id, location_id
"""
_NEXT_DUE = """
update lane set next_due = m.due_at from (select lane_id, min(due_at) as due_at from message group by lane_id) m
where m.lane_id = lane.id
"""


async def messages(url: str, number: int, now: datetime, *, of: int, distribution: str = EVENLY) -> None:
    """Queues this many messages for `of` tenants, due for an hour, in the order of their numbers."""
    cycle = cycle_at(now, "UTC", 1).starts_on
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(_PLANNED.format(tenant=distribution.format(tenants=of, number=number), number=number))
        await connection.execute(_CUSTOMERS, now)
        await connection.execute(_INVITATIONS, now, cycle)
        await connection.execute(_QUEUED, now)
        await connection.execute(_RESERVED, cycle)
        await connection.execute(_NEXT_DUE)
        await connection.execute("vacuum analyze")
    finally:
        await connection.close()


async def forget(url: str) -> None:
    """Removes all accounts, with everything that belongs to them."""
    connection = await asyncpg.connect(url)
    await connection.execute("truncate account cascade")
    await connection.close()


@asynccontextmanager
async def sink(transcript: Path, delay: float = 0) -> AsyncIterator[int]:
    """A relay in a process of its own (`benchmarks/sink.py`), which takes so many seconds for a reply; its port. Recipients are
    written to the transcript, one a line, before their text is accepted."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.sink", str(transcript), str(delay), stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        yield int(await process.stdout.readline())
    finally:
        process.terminate()
        await process.wait()
