"""What starting a list that a dry run has checked would use of the allowance."""

from dataclasses import dataclass
from datetime import date

from models.reads.bulk_import_rows import BulkImportRow
from models.reads.usage import Terms, UsageRow, usage_by_cycle
from models.rules.cycle import cycle_on
from permissions.viewer import Seat
from resolvers.context import Context

MOST_CYCLES = 12


@dataclass(frozen=True, slots=True)
class CycleRow:
    """How many invitations of a list belong to a billing cycle, and the account's usage in it so far."""

    invitations: int
    usage: UsageRow


async def cycles(context: Context, seat: Seat, row: BulkImportRow) -> list[CycleRow]:
    """The first cycles in which the list would be sent, and the current one, in their order."""
    account, planned = seat.account, sorted(row.planned.items())[:MOST_CYCLES]
    terms = Terms(
        seat.scope.narrowed([row.location.id]), account.facts.invitations, account.time_zone, account.anchor_day
    )
    found = [cycle_on(date.fromisoformat(day), account.time_zone, account.anchor_day) for day, _ in planned]
    usages = await usage_by_cycle(context.reads, terms, found, context.now, row.location.id)
    return [CycleRow(number, usage) for (_, number), usage in zip(planned, usages, strict=True)]
