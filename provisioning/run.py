"""Applies a whole file in one transaction."""

from dataclasses import dataclass

from models.clock import clock
from models.commands import agency_clients
from models.connection import WORK, execute, fetch, transaction
from provisioning.accounts import AccountChanges
from provisioning.changes import Changes
from provisioning.check import check
from provisioning.document import ApplyError, Path

_ONE_AT_A_TIME = "select pg_advisory_xact_lock(7008313)"
_LOCK_ACCOUNTS = "select id from account where key = any($1::text[]) order by id for no key update"


@dataclass(frozen=True, slots=True)
class Applied:
    """What was changed (or would be, in a dry run), and what exists that the file omits."""

    made: list[str]
    left: list[str]


async def apply(text: str, *, dry_run: bool = False) -> Applied:
    """Applies the file; a dry run rolls everything back. Raises ApplyError, having changed nothing, if there are problems."""
    document, file = check(text)
    async with transaction(WORK) as tx:
        await execute(tx, _ONE_AT_A_TIME)
        await fetch(tx, _LOCK_ACCOUNTS, file.keys)
        changes = Changes(tx, document, clock.now())
        work = AccountChanges(changes, file)
        rows = [await work.account(("accounts", number), account) for number, account in enumerate(file.accounts)]
        for number, (row, account) in enumerate(zip(rows, file.accounts, strict=True)):
            path: Path = ("accounts", number)
            await work.clients(path, row, account)
            await work.locations(path, row, account)
            if account.members is not None:
                await work.members(path, row, account, account.members)
        await agency_clients.refresh(tx, [row.id for row in rows], changes.now)
        if changes.problems:
            raise ApplyError(changes.problems)
        if dry_run:
            await tx.rollback()
    return Applied(changes.made, changes.left)
