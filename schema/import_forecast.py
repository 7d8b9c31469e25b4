"""What starting a list that a dry run has checked would do."""

from datetime import datetime
from uuid import UUID

import strawberry

from models.reads.bulk_import_rows import BulkImportRow
from models.rules.enums import BulkImportState
from resolvers import import_forecasts
from resolvers.import_forecasts import CycleRow
from schema.connection import Info
from schema.usage import UsageSummary


@strawberry.type(description="What a list would use of the allowance in one billing cycle.")
class ImportCycle:
    invitations: int = strawberry.field(description="How many invitations of the list would belong to the cycle.")
    usage: UsageSummary = strawberry.field(
        description="The usage in the cycle so far, without the list. invitedThisCycle and locationAllowance are those of the "
        "import's location."
    )

    @classmethod
    def of(cls, row: CycleRow, account_id: UUID, buy_more_url: str | None) -> "ImportCycle":
        return cls(invitations=row.invitations, usage=UsageSummary.of(row.usage, account_id, buy_more_url))


@strawberry.type(
    description="What starting a checked list would do now. progress counts the rows that would be invited, skipped and invalid."
)
class ImportForecast:
    row: strawberry.Private[BulkImportRow]
    estimated_finish_at: datetime | None = strawberry.field(
        description="When the last first message would be sent, at the list's send speed and within the location's sending hours. "
        "Null if nobody would be invited."
    )

    @classmethod
    def of(cls, row: BulkImportRow, now: datetime) -> "ImportForecast | None":
        if row.state is not BulkImportState.VALIDATED:
            return None
        return cls(row=row, estimated_finish_at=row.would_finish_at(now))

    @strawberry.field(
        description="The allowance that it would use, by billing cycle, in their order: the current cycle and those in which first "
        "messages would be sent, at most 12. Rows beyond an allowance are skipped with NO_ALLOWANCE."
    )
    async def cycles(self, info: Info) -> list[ImportCycle]:
        context, account_id = info.context, self.row.account_id
        rows = await import_forecasts.cycles(context, context.seats[account_id], self.row)
        return [ImportCycle.of(one, account_id, context.shared.buy_more_url) for one in rows]
