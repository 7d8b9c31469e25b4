"""Daily limits on creating and restarting invitations, far above normal use, so that no loop fills the database.

The counters change in the transaction of the command that they count; the caller has locked the account.
"""

from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from models.commands.allowance import AccountTerms
from models.connection import Db, execute, fetch_one
from models.rules.errors import AllowanceExceeded

KEPT = timedelta(days=7)


class Counted(StrEnum):
    """What is counted, by the name of its column."""

    TAKEN_IN = "taken_in"
    RESTARTED = "restarted"


_SPENT = """
-- How many invitations has an account created and restarted on a day, and how many has it bought on top of its plan for the
-- current and later cycles ($1 account, $2 day, $3 current cycle)?
select coalesce(sum(taken_in), 0) as taken_in, coalesce(sum(restarted), 0) as restarted,
  (select coalesce(sum(invitations), 0) from boost where account_id = $1 and cycle_starts_on >= $3) as bought
from account_day where account_id = $1 and day = $2
"""
_COUNT = """
insert into account_day as d (account_id, day, taken_in, restarted) values ($1, $2, $3, $4)
on conflict (account_id, day) do update set
  taken_in = d.taken_in + excluded.taken_in, restarted = d.restarted + excluded.restarted
"""


async def room(tx: Db, terms: AccountTerms, what: Counted, now: datetime) -> int:
    """How many more are allowed today."""
    row = await fetch_one(tx, _SPENT, terms.id, _day(terms, now), terms.cycle(now).starts_on)
    assert row is not None
    return max(terms.facts.invitations_per_day + int(row["bought"]) - int(row[what]), 0)


async def count(tx: Db, terms: AccountTerms, what: Counted, number: int, now: datetime) -> None:
    taken_in, restarted = (number if what is one else 0 for one in Counted)
    await execute(tx, _COUNT, terms.id, _day(terms, now), taken_in, restarted)


async def spend(tx: Db, terms: AccountTerms, what: Counted, now: datetime, field: str) -> None:
    """Counts one. Raises AllowanceExceeded, with this input field, if today's limit is reached."""
    if await room(tx, terms, what, now) < 1:
        raise AllowanceExceeded(refusal(terms, what, now), [field])
    await count(tx, terms, what, 1, now)


def refusal(terms: AccountTerms, what: Counted, now: datetime) -> str:
    """Says that today's limit is reached, and when it resets, in UTC: at the next midnight in the account's time zone."""
    done = "created" if what is Counted.TAKEN_IN else "restarted"
    midnight = datetime.combine(_day(terms, now) + timedelta(days=1), time.min, ZoneInfo(terms.time_zone))
    again = midnight.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return f"This account has {done} as many invitations as it can in a day; try again at {again}."


async def prune(db: Db, now: datetime) -> None:
    """Deletes days that are over in every time zone."""
    await execute(db, "delete from account_day where day < $1", (now - KEPT).date())


def _day(terms: AccountTerms, now: datetime) -> date:
    return now.astimezone(ZoneInfo(terms.time_zone)).date()
