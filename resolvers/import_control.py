"""Starting an import that was checked or has finished, and pausing, resuming and cancelling imports."""

from collections.abc import Sequence

from bulk_import import runner, tasks
from bulk_import.start import Restart, start_again
from models.commands import import_control
from models.reads.bulk_import_rows import BulkImportRow
from models.rules.channels import named_channels
from models.rules.enums import Channel
from resolvers.bulk_imports import check_channels, check_speed
from resolvers.command import WITHOUT_KEY, RequestId, attempt
from resolvers.context import Context
from resolvers.scope import BULK_IMPORT, reload


async def start(
    context: Context,
    request: RequestId,
    id: str,
    *,
    channels: Sequence[Channel] | None,
    per_hour: int | None,
    spread_over_days: int | None,
) -> BulkImportRow:
    """Goes on with an import that a dry run has checked, or imports a finished one's file again, by other channels."""
    async with attempt(context, "startBulkImport", request, BULK_IMPORT, id) as tried:
        if tried.done is None:
            check_speed(per_hour, spread_over_days)
            wanted = None if channels is None else named_channels(channels)
            if wanted is not None:
                await check_channels(tried.tx, tried.seat, tried.row.location.id, wanted)
            how = Restart(wanted, per_hour, spread_over_days, tried.actor.name or "")
            tried.done = await start_again(tried.tx, tried.row.id, how, context.now)
            await runner.enqueue(tried.tx, tried.done, f"started:{tried.row.seq}")
    return await reload(context, BULK_IMPORT, tried.done)


async def pause(context: Context, id: str) -> BulkImportRow:
    async with attempt(context, "pauseBulkImport", WITHOUT_KEY, BULK_IMPORT, id) as tried:
        await import_control.pause(tried.tx, tried.row.id, context.now)
    return await reload(context, BULK_IMPORT, tried.row.id)


async def resume(context: Context, id: str) -> BulkImportRow:
    async with attempt(context, "resumeBulkImport", WITHOUT_KEY, BULK_IMPORT, id) as tried:
        await import_control.resume(tried.tx, tried.row.id, context.now)
        if not await tasks.change_some(tried.tx, tried.row.id, context.now):  # a long list
            await tasks.enqueue_change(tried.tx, tried.row.id)
    return await reload(context, BULK_IMPORT, tried.row.id)


async def cancel(context: Context, id: str) -> BulkImportRow:
    async with attempt(context, "cancelBulkImport", WITHOUT_KEY, BULK_IMPORT, id) as tried:
        await import_control.cancel(tried.tx, tried.row.id, context.now)
        await tasks.enqueue_change(tried.tx, tried.row.id)
    return await reload(context, BULK_IMPORT, tried.row.id)
