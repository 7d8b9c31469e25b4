"""Starting an import that was checked or has finished, and pausing, resuming and cancelling imports."""

from collections.abc import Sequence
from uuid import UUID

import models
from bulk_import import runner, tasks
from bulk_import.start import NewImport, create_import
from models.commands import import_control
from models.reads.bulk_import_rows import BulkImportRow
from models.rules.enums import BulkImportState, Channel, ImportField
from models.rules.errors import Invalid
from resolvers.bulk_imports import check_channels, check_speed
from resolvers.command import WITHOUT_KEY, Attempt, RequestId, attempt
from resolvers.context import Context
from resolvers.scope import BULK_IMPORT, reload

Channels = Sequence[Channel] | None


async def start(
    context: Context,
    request: RequestId,
    id: str,
    *,
    channels: Channels,
    per_hour: int | None,
    spread_over_days: int | None,
) -> BulkImportRow:
    """Goes on with an import that a dry run has checked, or imports a finished one's file again, by other channels."""
    async with attempt(context, "startBulkImport", request, BULK_IMPORT, id) as tried:
        if tried.done is None:
            check_speed(per_hour, spread_over_days)
            wanted = None if channels is None else list(dict.fromkeys(channels))
            if wanted is not None:
                await check_channels(tried.tx, tried.seat, tried.row.location.id, wanted)
            tried.done = await _begin(context, tried, wanted, (per_hour, spread_over_days))
            await runner.enqueue(tried.tx, tried.done, f"started:{tried.row.seq}")
    return await reload(context, BULK_IMPORT, tried.done)


async def _begin(
    context: Context, tried: Attempt[BulkImportRow], channels: Channels, speed: tuple[int | None, int | None]
) -> UUID:
    row = await models.BulkImport.filter(id=tried.row.id).using_db(tried.tx).select_for_update().get()
    if row.state is BulkImportState.VALIDATED:
        await import_control.begin_checked(tried.tx, row.id, channels, *speed)
        return row.id
    if row.state is not BulkImportState.COMPLETED:
        raise Invalid(
            f"This import is {row.state}; only one that is VALIDATED or COMPLETED can be started.", ["bulkImportId"]
        )
    if not channels or set(channels) == set(row.channels):
        raise Invalid("This list has been imported; name another channel to send it by that one too.", ["channels"])
    return await _again(context, tried, row, channels, speed)


async def _again(
    context: Context,
    tried: Attempt[BulkImportRow],
    row: models.BulkImport,
    channels: Sequence[Channel],
    speed: tuple[int | None, int | None],
) -> UUID:
    """A new import of the same file."""
    upload = await models.Upload.get(id=row.upload_id, using_db=tried.tx)
    if upload.size is None:
        raise Invalid("The file of this import is no longer stored; upload it again.", ["bulkImportId"])
    new = NewImport(
        account_id=row.account_id,
        location_id=row.location_id,
        upload_id=row.upload_id,
        name=row.name,
        mapping=[(one["column"], ImportField(one["field"])) for one in row.mapping],
        channels=channels,
        created_by=tried.actor.name or "",
        per_hour=speed[0],
        spread_over_days=speed[1],
    )
    return await create_import(tried.tx, new, context.now)


async def pause(context: Context, id: str) -> BulkImportRow:
    async with attempt(context, "pauseBulkImport", WITHOUT_KEY, BULK_IMPORT, id) as tried:
        await import_control.pause(tried.tx, tried.row.id, context.now)
    return await reload(context, BULK_IMPORT, tried.row.id)


async def resume(context: Context, id: str) -> BulkImportRow:
    async with attempt(context, "resumeBulkImport", WITHOUT_KEY, BULK_IMPORT, id) as tried:
        if await import_control.resume(tried.tx, tried.row.id, context.now):
            await runner.enqueue(tried.tx, tried.row.id, f"resumed:{tried.row.seq}")
    return await reload(context, BULK_IMPORT, tried.row.id)


async def cancel(context: Context, id: str) -> BulkImportRow:
    async with attempt(context, "cancelBulkImport", WITHOUT_KEY, BULK_IMPORT, id) as tried:
        await import_control.cancel(tried.tx, tried.row.id, context.now)
        await tasks.enqueue_cancel(tried.tx, tried.row.id)
    return await reload(context, BULK_IMPORT, tried.row.id)
