"""Bulk imports with their options, progress and row errors, and the mutation that starts one."""

from datetime import datetime
from functools import partial
from uuid import UUID

import strawberry

from models.reads.bulk_import_rows import BulkImportRow, RowError
from models.rules import ids
from models.rules.enums import BulkImportState, Channel, ImportField, ImportRowErrorCode, ImportRowWarningCode
from models.rules.row_warning import ImportRowWarning as Warned
from resolvers import bulk_imports, import_reports
from resolvers.command import RequestId
from resolvers.cursors import slice_of
from schema.connection import Connection, Info, connection
from schema.errors import UserError, returns_user_errors, user_errors
from schema.import_forecast import ImportForecast
from schema.location import Location
from schema.node import Node, register_node


@strawberry.type(description="How fast first messages are sent. If both fields are null, all are due at once.")
class SendSpeed:
    per_hour: int | None = strawberry.field(description="This many per hour, within the location's sending hours.")
    spread_over_days: int | None = strawberry.field(description="Spread evenly over this many days.")


@strawberry.type(
    description="An error in one row of the file. A row can have several; the first decides how the row is counted."
)
class ImportRowError:
    row: int = strawberry.field(description="The number of the record in the file, starting at 1 below the header.")
    column: str | None = strawberry.field(description="The column's name in the file.")
    value: str | None = strawberry.field(
        description="The rejected value as the file has it, truncated to 200 characters."
    )
    code: ImportRowErrorCode = strawberry.field(description="A stable code.")
    message: str = strawberry.field(description="What is wrong and how to correct it.")

    @classmethod
    def of(cls, row: RowError) -> "ImportRowError":
        return cls(row=row.row, column=row.column, value=row.value, code=row.code, message=row.message)


@strawberry.type(
    description="Cells that are not valid, but that none of the import's channels needs. Their rows are processed as if these were "
    "empty. Rows with errors in other cells are not counted."
)
class ImportRowWarning:
    code: ImportRowWarningCode = strawberry.field(description="A stable code.")
    column: str = strawberry.field(description="The column's name in the file.")
    count: int = strawberry.field(description="How many rows it concerns, of those read so far.")
    rows: list[int] = strawberry.field(description="The first of these rows, at most 5, numbered as in rowErrors.")

    @classmethod
    def of(cls, warned: Warned) -> "ImportRowWarning":
        return cls(code=warned.code, column=warned.column, count=warned.count, rows=list(warned.rows))


@strawberry.type(description="An import of a list of customers.")
class BulkImport(Node):
    account_id: strawberry.Private[UUID]
    key: strawberry.Private[UUID]
    row: strawberry.Private[BulkImportRow]
    now: strawberry.Private[datetime]
    name: str = strawberry.field(description="The list's name, as shown in the customer table.")
    location: Location = strawberry.field(description="The inviting location.")
    channels: list[Channel] = strawberry.field(description="The requested channels.")
    send_speed: SendSpeed = strawberry.field(description="How fast first messages are sent.")
    dry_run: bool = strawberry.field(
        description="Whether it only checks rows and invites nobody, also once it has failed or was cancelled. False as soon as "
        "startBulkImport continues it."
    )
    created_by: str = strawberry.field(description="The member who started it.")
    created_at: datetime = strawberry.field(description="When it was started.")

    @classmethod
    def of(cls, row: BulkImportRow, now: datetime) -> "BulkImport":
        return cls(
            id=strawberry.ID(ids.public_id(ids.BULK_IMPORT, row.id)),
            account_id=row.account_id,
            key=row.id,
            row=row,
            now=now,
            name=row.name,
            location=Location.of(row.location),
            channels=row.channels,
            send_speed=SendSpeed(per_hour=row.per_hour, spread_over_days=row.spread_over_days),
            dry_run=row.dry_run,
            created_by=row.created_by,
            created_at=row.created_at,
        )

    @strawberry.field(description="Its current progress.")
    def progress(self) -> "ImportProgress":
        return ImportProgress.of(self)

    @strawberry.field(description="What starting it would do, after a dry run; null unless it is VALIDATED.")
    def forecast(self) -> ImportForecast | None:
        return ImportForecast.of(self.row, self.now)

    @strawberry.field(
        description="The address of a CSV file of the rows that were not taken (skipped and invalid): the file's own columns, then "
        "code and message, ready to be corrected and imported again. It works for an hour, while you may view the import. Null if "
        "every row was taken."
    )
    def error_report_url(self, info: Info) -> str | None:
        return import_reports.address(info.context, self.row)

    @strawberry.field(
        description="What was left out of its rows, at most one warning per code and column. No count of rows changes by it."
    )
    def warnings(self) -> list[ImportRowWarning]:
        return [ImportRowWarning.of(one) for one in self.row.warnings]

    @strawberry.field(description="The errors in its rows, in file order.")
    async def row_errors(
        self, info: Info, first: int | None = None, after: str | None = None
    ) -> Connection[ImportRowError]:
        seat = info.context.seats[self.account_id]
        page = await bulk_imports.row_errors(info.context, seat, self.key, slice_of(first, after))
        return connection(page, ImportRowError.of, partial(bulk_imports.count_row_errors, info.context, self.key))


@strawberry.type(
    description="The progress of a bulk import. At any time, processedRows = invitedRows + skippedRows + invalidRows. Rows with "
    "DUPLICATE_IN_FILE, ALREADY_ACTIVE, RECENTLY_INVITED, SUPPRESSED or NO_ALLOWANCE are skipped; rows with any other code "
    "are invalid."
)
class ImportProgress:
    bulk_import: BulkImport = strawberry.field(description="The bulk import.")
    seq: int = strawberry.field(
        description="Increases with every change. Pass it as afterSeq to importProgress to continue from here."
    )
    state: BulkImportState = strawberry.field(description="Its current state.")
    total_rows: int | None = strawberry.field(
        description="The number of rows in the file; null until the file has been read to its end."
    )
    processed_rows: int = strawberry.field(description="Rows that have been processed.")
    invited_rows: int = strawberry.field(description="Rows that led to an invitation; in a dry run, that would.")
    skipped_rows: int = strawberry.field(description="Rows of people who can't be invited now.")
    invalid_rows: int = strawberry.field(description="Rows with invalid data.")
    percent: float | None = strawberry.field(description="Percentage of rows processed, 0 to 100.")
    rows_per_second: float | None = strawberry.field(description="The average speed so far.")
    estimated_finish_at: datetime | None = strawberry.field(
        description="When the last first message is expected to be sent, at the send speed and within the sending hours; in a dry "
        "run, when all rows are expected to be processed. Null once nothing is left, while the import is paused or its messages "
        "are held, and until the file has been read to its end."
    )
    sent_messages: int = strawberry.field(description="The number of first messages sent so far.")
    error: str | None = strawberry.field(description="Why it failed.")

    @classmethod
    def of(cls, of: BulkImport) -> "ImportProgress":
        row, now = of.row, of.now
        return cls(
            bulk_import=of,
            seq=row.seq,
            state=row.state,
            total_rows=row.total_rows,
            processed_rows=row.processed_rows,
            invited_rows=row.invited_rows,
            skipped_rows=row.skipped_rows,
            invalid_rows=row.invalid_rows,
            percent=row.percent,
            rows_per_second=row.rows_per_second(now),
            estimated_finish_at=row.finishes_at(now),
            sent_messages=row.sent_messages,
            error=row.error,
        )


register_node(BulkImportRow, lambda row, context: BulkImport.of(row, context.now))


@strawberry.input(description="Assigns a column of the file to a field.")
class ColumnMappingInput:
    column: str = strawberry.field(description="The column's name in the file.")
    field: ImportField = strawberry.field(description="The field it contains.")


@strawberry.input(description="How fast first messages are sent. If both fields are omitted, all are due at once.")
class SendSpeedInput:
    per_hour: int | None = strawberry.field(
        default=None, description="This many per hour, within the location's sending hours."
    )
    spread_over_days: int | None = strawberry.field(default=None, description="Spread evenly over this many days.")


@strawberry.input(description="Which file to import, for which location, and how to send the invitations.")
class BulkImportInput:
    location_id: strawberry.ID = strawberry.field(description="The inviting location.")
    name: str = strawberry.field(description="The list's name, as shown in the customer table.")
    upload_id: strawberry.ID = strawberry.field(description="The uploadId that POST /uploads returned.")
    mapping: list[ColumnMappingInput] = strawberry.field(description="Which column contains which field.")
    channels: list[Channel] = strawberry.field(description="The channels to use.")
    send_speed: SendSpeedInput | None = strawberry.field(default=None, description="How fast first messages are sent.")
    dry_run: bool | None = strawberry.field(
        default=False, description="Only check every row: nobody is invited, and the import ends VALIDATED."
    )
    idempotency_key: str | None = strawberry.field(default=None, description="As in inviteCustomer.")


@strawberry.type(description="The bulk import, or the errors to correct.")
class BulkImportPayload:
    bulk_import: BulkImport | None = strawberry.field(default=None, description="The bulk import.")
    user_errors: list[UserError] = user_errors()


def payload(info: Info, row: BulkImportRow) -> BulkImportPayload:
    return BulkImportPayload(bulk_import=BulkImport.of(row, info.context.now))


@strawberry.type
class BulkImportMutations:
    @strawberry.mutation(description="Starts importing a list.")
    @returns_user_errors(BulkImportPayload)
    async def bulk_import(self, info: Info, input: BulkImportInput) -> BulkImportPayload | None:
        speed = input.send_speed or SendSpeedInput()
        row = await bulk_imports.start(
            info.context,
            RequestId.of(input),
            location_id=input.location_id,
            name=input.name,
            upload_id=input.upload_id,
            mapping=[(one.column, one.field) for one in input.mapping],
            channels=input.channels,
            per_hour=speed.per_hour,
            spread_over_days=speed.spread_over_days,
            dry_run=bool(input.dry_run),
        )
        return payload(info, row)
