"""The summary row of each agency client, used to sort and total the board."""

from collections.abc import Sequence
from datetime import datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from models.commands import allowance
from models.commands.allowance import AccountTerms
from models.connection import WORK, Db, execute, fetch, pool, statement, transaction

BATCH = 200


async def refresh(tx: Db, accounts: Sequence[UUID], now: datetime) -> None:
    """Recomputes the rows from their sources, after a reset and after `apply` changed an account. Accounts without an
    agency have no row."""
    terms = list((await allowance.lock(tx, accounts)).values())
    cycles = [one.cycle(now) for one in terms]
    await execute(
        tx,
        statement("agency_client_refresh"),
        [one.id for one in terms],
        [one.facts.invitations for one in terms],
        [cycle.starts_on for cycle in cycles],
        [_midnight(one, now) for one in terms],
    )


def _midnight(terms: AccountTerms, now: datetime) -> datetime:
    """When the current cycle ends: the first moment of the next cycle."""
    return datetime.combine(terms.cycle(now).resets_on, time(), ZoneInfo(terms.time_zone))


# Only rows that `refresh` can update; others would stay due and be selected forever.
_DUE = """
select c.account_id from agency_client c join account a on a.id = c.account_id and a.agency_id is not null
where c.resets_at <= $1 order by c.resets_at limit $2
"""


async def roll_over(now: datetime) -> int:
    """Refreshes the rows of clients whose cycle ended. Returns how many."""
    due = await fetch(pool(WORK), _DUE, now, BATCH)
    if due:
        async with transaction(WORK) as tx:
            await refresh(tx, [row["account_id"] for row in due], now)
    return len(due)


async def join(tx: Db, account_id: UUID, now: datetime) -> None:
    """Adds a new client's history to the days of its agency."""
    await execute(tx, statement("agency_client_history"), account_id)
    await refresh(tx, [account_id], now)
