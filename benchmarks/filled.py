"""Fills a database with what is measured, by statements that run in it, and finds positions there."""

from datetime import datetime
from uuid import UUID

import asyncpg

import models
from models.clock import clock
from models.commands import agency_clients
from models.connection import WORK, transaction
from models.rules.enums import AccountKind
from tests import factories as make

_KEYS = """
create temp table made on commit drop as
select n, uuidv7() as customer, uuidv7() as invitation, case when n % 10 < 3 then uuidv7() end as review, 1 + n % 5 as rating,
  now() - n * interval '1 minute' as invited_on
from generate_series(1, $1) n
"""
_CUSTOMERS = """
insert into customer (id, account_id, location_id, first_name, last_name, email, source, invited_on, latest_invitation_id,
  latest_review_id, rating, created_at)
select customer, l.account_id, l.id, 'First' || n, (array['Meyer','Okafor','Silva','Tanaka','Novak'])[1 + n % 5] || n % 977,
  'person' || n || '@example.com', 'Till', invited_on, invitation, review, case when review is not null then rating end, now()
from made, location l where l.id = $1
"""
_INVITATIONS = """
insert into invitation (id, account_id, location_id, customer_id, state, state_changed_at, channels, taken_in_at, invited_on,
  first_sent_at, source)
select invitation, l.account_id, l.id, customer, 'COMPLETED', invited_on, '{EMAIL}', invited_on, invited_on, invited_on, 'Till'
from made, location l where l.id = $1
"""
_REVIEWS = """
insert into review (id, account_id, location_id, platform_id, external_id, customer_id, matched_by, reviewer_name, reviewed_on,
  rating, text, sentiment, created_at)
select review, l.account_id, l.id, p.id, customer::text, customer, 'EMAIL', 'A. Reviewer', invited_on, rating,
  repeat('Friendly, quick and worth coming back. ', 1 + n % 4), 'POSITIVE', now()
from made, location l join review_platform p on p.location_id = l.id and p.key = 'google' where l.id = $1 and review is not null
"""
_CLIENTS = """
insert into account (id, key, name, kind, plan, time_zone, anchor_day, country, language, agency_id, overrides, open_tracking,
  created_at)
select uuidv7(), key || '-' || n, 'Client ' || n, kind, plan, time_zone, anchor_day, country, language, agency_id, overrides,
  open_tracking, created_at
from account, generate_series(2, $2) n where id = $1
"""
_CLIENTS_USAGE = """
insert into account_usage (account_id, cycle_starts_on, invited)
select id, date_trunc('month', now())::date, abs(hashtext(id::text)) % 500 from account where agency_id = $1
"""


_CLIENTS_LOCATIONS = """
insert into location (id, account_id, key, name, time_zone, country, language, email_from_hour, email_until_hour, sms_from_hour,
  sms_until_hour, cool_down_days, answer_window_days, goals, created_at)
select uuidv7(), id, 'only', name, time_zone, country, language, 9, 19, 10, 20, 180, 30, '{REVIEWED}', created_at
from account where agency_id = $1
"""
_LOCATIONS_USAGE = """
insert into location_usage (account_id, location_id, cycle_starts_on, invited)
select u.account_id, l.id, u.cycle_starts_on, u.invited from account_usage u join location l on l.account_id = u.account_id
join account a on a.id = u.account_id where a.agency_id = $1
"""


async def customers(url: str, number: int) -> models.Account:
    """An account with this many customers at one location."""
    account = await make.account(time_zone="UTC")
    await customers_at(url, await make.location(account), number)
    return account


async def customers_at(url: str, location: models.Location, number: int) -> None:
    """Gives a location this many customers, each with a sent invitation, three tenths with a linked review."""
    await _run(url, (_KEYS, number), *((text, location.id) for text in (_CUSTOMERS, _INVITATIONS, _REVIEWS)))


async def agency(url: str, number: int) -> models.Account:
    """An agency with this many clients, each with one location that has sent something in this cycle."""
    account = await make.account(kind=AccountKind.AGENCY, time_zone="UTC")
    first = await make.account(kind=AccountKind.AGENCY_CLIENT, agency_id=account.id, time_zone="UTC")
    more = (_CLIENTS_USAGE, _CLIENTS_LOCATIONS, _LOCATIONS_USAGE)
    await _run(url, (_CLIENTS, first.id, number), *((text, account.id) for text in more))
    async with transaction(WORK) as tx:
        keys = await models.Account.filter(agency_id=account.id).using_db(tx).values_list("id", flat=True)
        await agency_clients.refresh(tx, [UUID(str(key)) for key in keys], clock.now())
    await _run(url)
    return account


_LANE = """
insert into lane (id, account_id, location_id, channel, rate, burst, tokens, refilled_at, refusals)
select uuidv7(), account_id, id, 'EMAIL', 500, 500, 500, now(), 0 from location where account_id = $1
"""
_MESSAGES = """
insert into message (id, account_id, location_id, lane_id, invitation_id, template_id, step, channel, after_seconds, state, due_at,
  sent_at, attempts, reply)
select uuidv7(), i.account_id, i.location_id, la.id, i.id, s.template_id, s.number, s.channel, s.after_seconds, 'SENT',
  i.invited_on + s.after_seconds * interval '1 second', i.invited_on + s.after_seconds * interval '1 second', 1, '250 2.0.0 OK'
from customer c join invitation i on i.id = c.latest_invitation_id join lane la on la.location_id = c.location_id
join sequence_step s on s.location_id = c.location_id where c.id = $1
"""
_EVENTS = """
insert into activity_event (id, account_id, location_id, customer_id, invitation_id, message_id, platform_id, kind, occurred_at,
  channel, nps_score, feedback, actor, actor_kind)
select uuidv7(), c.account_id, c.location_id, c.id, c.latest_invitation_id, m.id, case when kind = 'PLATFORM_CHOSEN' then p.id end,
  kind, m.sent_at + after, m.channel, case when kind = 'NPS_SUBMITTED' then 9 end,
  case when kind = 'NPS_SUBMITTED' then 'Thank you' end, null, actor_kind
from customer c join message m on m.invitation_id = c.latest_invitation_id
join review_platform p on p.location_id = c.location_id and p.key = 'google'
cross join (values ('SENT', 'SYSTEM', interval '0'), ('OPENED', 'LIKELY_MACHINE', interval '5 seconds'),
  ('OPENED', 'HUMAN', interval '3 hours'), ('LINK_CLICKED', 'HUMAN', interval '25 hours'),
  ('NPS_SUBMITTED', 'HUMAN', interval '26 hours'), ('PLATFORM_CHOSEN', 'HUMAN', interval '27 hours')) happened
    (kind, actor_kind, after)
where c.id = $1
"""


async def customer_in_detail(url: str, account: models.Account) -> UUID:
    """Gives a customer with a linked review four messages, and a timeline of 24 events; its key."""
    text = "select id from customer where account_id = $1 and latest_review_id is not null order by invited_on desc limit 1"
    connection = await asyncpg.connect(url)
    key = await connection.fetchval(text, account.id)
    await connection.close()
    await _run(url, (_LANE, account.id), (_MESSAGES, key), (_EVENTS, key))
    return UUID(str(key))


async def nth_customer(url: str, account: models.Account, number: int) -> tuple[datetime, UUID]:
    """When the customer of this number in the order of the page, from 1, was invited, and its key."""
    text = (
        "select invited_on, id from customer where account_id = $1 order by invited_on desc, id desc offset $2 limit 1"
    )
    connection = await asyncpg.connect(url)
    found = await connection.fetchrow(text, account.id, number - 1)
    await connection.close()
    assert found
    return found["invited_on"], found["id"]


async def _run(url: str, *statements: tuple[object, ...]) -> None:
    """Runs statements with their parameters in one transaction, and analyzes the tables."""
    connection = await asyncpg.connect(url)
    async with connection.transaction():
        for text, *parameters in statements:
            await connection.execute(text, *parameters)
    await connection.execute("vacuum analyze")
    await connection.close()
