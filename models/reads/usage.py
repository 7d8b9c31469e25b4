"""Reads the usage cards: how much of the allowance is used, in total and by the locations that a viewer can see."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg

from models.connection import statement as stored
from models.reads.operation import Ahead, Reads
from models.rules.cycle import Cycle, cycle_at
from models.rules.scope import Scope, scope_columns


class UsageRow(NamedTuple):
    """The counters of a cycle. `allowance` is the plan's plus this cycle's boosts."""

    cycle: Cycle
    total_invited: int
    allowance: int
    reserved: int
    invited_this_cycle: int
    location_allowance: int | None

    @property
    def remaining(self) -> int:
        return max(self.allowance - self.total_invited - self.reserved, 0)


class Terms(NamedTuple):
    """What an account's cards depend on: its allowance, its billing cycle, and the locations to count."""

    scope: Scope
    invitations: int
    time_zone: str
    anchor_day: int


async def usages(
    reads: Reads, accounts: Sequence[Terms], now: datetime, location_id: UUID | None = None
) -> dict[UUID, UsageRow]:
    """The usage by account in the current cycles, in one statement. `location_allowance` is that of `location_id`."""
    current: dict[tuple[str, int], Cycle] = {}
    of: dict[UUID, tuple[Terms, Cycle]] = {}
    for one in accounts:
        key = one.time_zone, one.anchor_day
        if key not in current:
            current[key] = cycle_at(now, *key)
        of[one.scope.account_id] = one, current[key]
    cycles = [cycle.starts_on for _, cycle in of.values()]
    statement = _statement([one.scope for one in accounts], cycles, location_id)
    rows = await reads.rows(statement.sql, *statement.args)
    return {row[0]: _usage(row, *of[row[0]]) for row in rows}


def usage_statement(of: Terms, now: datetime) -> Ahead:
    """The statement for one account."""
    return _statement([of.scope], [cycle_at(now, of.time_zone, of.anchor_day).starts_on])


def _statement(
    scopes: Sequence[Scope], cycles: list[date], location_id: UUID | None = None, current: Sequence[date] = ()
) -> Ahead:
    """`current`: the current cycle of each account, if `cycles` has others."""
    keys, whole, locations = scope_columns(scopes)
    return Ahead(stored("usage"), (keys, cycles, whole, locations, location_id, list(current)), by_position=True)


async def usage_by_cycle(
    reads: Reads, of: Terms, cycles: Sequence[Cycle], now: datetime, location_id: UUID | None = None
) -> list[UsageRow]:
    """The usage of one account in each of these cycles, in one statement."""
    current = cycle_at(now, of.time_zone, of.anchor_day).starts_on
    starts = [cycle.starts_on for cycle in cycles]
    statement = _statement([of.scope] * len(cycles), starts, location_id, [current] * len(cycles))
    rows = await reads.rows(statement.sql, *statement.args)
    found = {row[1]: row for row in rows}
    return [_usage(found[cycle.starts_on], of, cycle) for cycle in cycles]


def _usage(row: asyncpg.Record | tuple[Any, ...], terms: Terms, cycle: Cycle) -> UsageRow:
    """Other statements' columns can follow."""
    _, _, invited, reserved, boosted, invited_here, location_allowance = row[:7]
    return UsageRow(cycle, invited, terms.invitations + boosted, reserved, invited_here, location_allowance)
