"""The mutations that start a checked or finished import, and that pause, resume and cancel imports."""

import strawberry

from models.rules.enums import Channel
from resolvers import import_control
from resolvers.command import RequestId
from schema.bulk_import import BulkImportPayload, SendSpeedInput, payload
from schema.connection import Info
from schema.errors import returns_user_errors


@strawberry.input(description="Which import to start, and how to send its invitations.")
class StartBulkImportInput:
    bulk_import_id: strawberry.ID = strawberry.field(description="A VALIDATED or COMPLETED import.")
    channels: list[Channel] | None = strawberry.field(
        default=None, description="The channels to use. Default: those of the import, if it is VALIDATED."
    )
    send_speed: SendSpeedInput | None = strawberry.field(
        default=None, description="How fast first messages are sent. Default: as chosen before, if it is VALIDATED."
    )
    idempotency_key: str | None = strawberry.field(default=None, description="As in inviteCustomer.")


@strawberry.input(description="Which import to pause, resume or cancel.")
class BulkImportControlInput:
    bulk_import_id: strawberry.ID = strawberry.field(description="The import.")


@strawberry.type
class ImportControlMutations:
    @strawberry.mutation(
        description="Starts an import. A VALIDATED one continues and creates invitations: its counts start over, its seq keeps "
        "increasing. Of a COMPLETED one, the same file becomes a new import, for other channels. Any other state is INVALID."
    )
    @returns_user_errors(BulkImportPayload)
    async def start_bulk_import(self, info: Info, input: StartBulkImportInput) -> BulkImportPayload | None:
        speed = input.send_speed or SendSpeedInput()
        row = await import_control.start(
            info.context,
            RequestId.of(input),
            input.bulk_import_id,
            channels=input.channels,
            per_hour=speed.per_hour,
            spread_over_days=speed.spread_over_days,
        )
        return payload(info, row)

    @strawberry.mutation(
        description="Pauses an import: no more rows are processed, and its queued messages wait, also those of a COMPLETED one. "
        "INVALID if nothing of it is left to process or send."
    )
    @returns_user_errors(BulkImportPayload)
    async def pause_bulk_import(self, info: Info, input: BulkImportControlInput) -> BulkImportPayload | None:
        row = await import_control.pause(info.context, input.bulk_import_id)
        return payload(info, row)

    @strawberry.mutation(
        description="Continues a PAUSED import. Its queued messages are delayed by the time it was paused; a long list stays "
        "PAUSED for some seconds, until that is done, and can't be paused again before."
    )
    @returns_user_errors(BulkImportPayload)
    async def resume_bulk_import(self, info: Info, input: BulkImportControlInput) -> BulkImportPayload | None:
        row = await import_control.resume(info.context, input.bulk_import_id)
        return payload(info, row)

    @strawberry.mutation(
        description="Cancels an import for good: no more rows are processed and no more messages sent. Its open invitations become "
        "CANCELLED, or COMPLETED if a message was sent, with the reason IMPORT_CANCELLED. INVALID if nothing of it is left to "
        "process, start or send."
    )
    @returns_user_errors(BulkImportPayload)
    async def cancel_bulk_import(self, info: Info, input: BulkImportControlInput) -> BulkImportPayload | None:
        row = await import_control.cancel(info.context, input.bulk_import_id)
        return payload(info, row)
