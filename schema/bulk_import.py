"""Bulk imports: what was asked for, their progress, the errors of their rows; and starting one."""

from datetime import datetime
from functools import partial
from uuid import UUID

import strawberry

from models.reads.bulk_import_rows import BulkImportRow, RowError
from models.rules import ids
from models.rules.enums import BulkImportState, Channel, ImportField, ImportRowErrorCode
from resolvers import bulk_imports
from resolvers.command import Given
from resolvers.cursors import slice_of
from schema.connection import Connection, Info, connection
from schema.errors import UserError, answers_refusals, user_errors
from schema.location import Location
from schema.node import Node, shows


@strawberry.type(description="How quickly first messages go out; all at once when both are null.")
class SendSpeed:
    per_hour: int | None = strawberry.field(description="So many an hour, inside the hours of the location.")
    spread_over_days: int | None = strawberry.field(description="Evenly over so many days.")


@strawberry.type(description="A row may have several errors; the first decides how it counts.")
class ImportRowError:
    row: int = strawberry.field(description="Counts the file's records from 1, its header not counted.")
    column: str | None = strawberry.field(description="The file's own name for the column.")
    value: str | None = strawberry.field(description="What stood there.")
    code: ImportRowErrorCode = strawberry.field(description="What is wrong, as a code.")
    message: str = strawberry.field(description="What is wrong and what to do, in words.")

    @classmethod
    def of(cls, row: RowError) -> "ImportRowError":
        return cls(row=row.row, column=row.column, value=row.value, code=row.code, message=row.message)


@strawberry.type(description="A list of customers on its way in, or taken in.")
class BulkImport(Node):
    account_id: strawberry.Private[UUID]
    key: strawberry.Private[UUID]
    row: strawberry.Private[BulkImportRow]
    now: strawberry.Private[datetime]
    name: str = strawberry.field(description="The list's name, as the table shows it.")
    location: Location = strawberry.field(description="The inviting location.")
    channels: list[Channel] = strawberry.field(description="The channels that were asked for.")
    send_speed: SendSpeed = strawberry.field(description="How quickly first messages go out.")
    created_by: str = strawberry.field(description="Who started it.")
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
            created_by=row.created_by,
            created_at=row.created_at,
        )

    @strawberry.field(description="How far it has come.")
    def progress(self) -> "ImportProgress":
        return ImportProgress.of(self)

    @strawberry.field(description="What was wrong with its rows, in the file's order.")
    async def row_errors(
        self, info: Info, first: int | None = None, after: str | None = None
    ) -> Connection[ImportRowError]:
        page = await bulk_imports.row_errors(info.context, self.key, slice_of(first, after))
        return connection(page, ImportRowError.of, partial(bulk_imports.number_of_row_errors, info.context, self.key))


@strawberry.type(
    description="processedRows = invitedRows + skippedRows + invalidRows, counted from what is stored at every moment. "
    "Skipped: DUPLICATE_IN_FILE, ALREADY_ACTIVE, RECENTLY_INVITED, SUPPRESSED, NO_ALLOWANCE. Invalid: the other codes."
)
class ImportProgress:
    bulk_import: BulkImport = strawberry.field(description="The import.")
    seq: int = strawberry.field(description="Rises with every change; importProgress(afterSeq:) goes on from there.")
    state: BulkImportState = strawberry.field(description="How it stands.")
    total_rows: int | None = strawberry.field(description="Null until the whole file has been read once.")
    processed_rows: int = strawberry.field(description="Rows that have their verdict.")
    invited_rows: int = strawberry.field(description="Rows that became invitations.")
    skipped_rows: int = strawberry.field(description="Rows of people who are not to be invited now.")
    invalid_rows: int = strawberry.field(description="Rows that cannot be used.")
    percent: float | None = strawberry.field(description="0 to 100.")
    rows_per_second: float | None = strawberry.field(description="So far, on average.")
    estimated_finish_at: datetime | None = strawberry.field(description="When every row will have its verdict.")
    sent_messages: int = strawberry.field(description="First messages sent so far.")
    error: str | None = strawberry.field(description="Why it failed, in words.")

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


shows(BulkImportRow, lambda row, context: BulkImport.of(row, context.now))


@strawberry.input(description="What a column of the file holds.")
class ColumnMappingInput:
    column: str = strawberry.field(description="The file's own name for it.")
    field: ImportField = strawberry.field(description="What it holds.")


@strawberry.input(description="All at once when both are left out.")
class SendSpeedInput:
    per_hour: int | None = strawberry.field(default=None, description="So many an hour, inside the location's hours.")
    spread_over_days: int | None = strawberry.field(default=None, description="Evenly over so many days.")


@strawberry.input(description="Which file, whose list, how to read and how to send it.")
class BulkImportInput:
    location_id: strawberry.ID = strawberry.field(description="The inviting location.")
    name: str = strawberry.field(description="The list's name, as the table will show it.")
    upload_id: strawberry.ID = strawberry.field(description="What POST /uploads answered.")
    mapping: list[ColumnMappingInput] = strawberry.field(description="What its columns hold.")
    channels: list[Channel] = strawberry.field(description="The channels to use.")
    send_speed: SendSpeedInput | None = strawberry.field(default=None, description="How quickly first messages go out.")
    idempotency_key: str | None = strawberry.field(default=None, description="As in inviteCustomer.")


@strawberry.type(description="The bulk import, or what to correct.")
class BulkImportPayload:
    bulk_import: BulkImport | None = strawberry.field(default=None, description="The bulk import.")
    user_errors: list[UserError] = user_errors()


@strawberry.type
class BulkImportMutations:
    @strawberry.mutation(description="Starts importing a list.")
    @answers_refusals(BulkImportPayload)
    async def bulk_import(self, info: Info, input: BulkImportInput) -> BulkImportPayload | None:
        speed = input.send_speed or SendSpeedInput()
        row = await bulk_imports.start(
            info.context,
            Given.of(input),
            location_id=input.location_id,
            name=input.name,
            upload_id=input.upload_id,
            mapping=[(one.column, one.field) for one in input.mapping],
            channels=input.channels,
            per_hour=speed.per_hour,
            spread_over_days=speed.spread_over_days,
        )
        return BulkImportPayload(bulk_import=BulkImport.of(row, info.context.now))
