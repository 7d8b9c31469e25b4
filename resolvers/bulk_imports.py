"""Bulk imports: listing an account's imports and their row errors, and starting an import."""

from collections.abc import Sequence
from functools import partial
from uuid import UUID

from bulk_import import mapping as mappings
from bulk_import import runner, storage
from bulk_import.start import NewImport, create_import
from models.commands.sequences import steps_reached
from models.connection import Db
from models.reads import bulk_import_rows
from models.reads.bulk_import_rows import BulkImportRow, RowError
from models.reads.keyset import Position
from models.rules.address import clean_short
from models.rules.channels import named_channels
from models.rules.enums import Channel, ImportField
from models.rules.errors import Invalid, MissingContact
from permissions.access import require_channels
from permissions.viewer import Seat
from resolvers import uploads
from resolvers.command import RequestId, attempt
from resolvers.context import Context
from resolvers.cursors import Slice
from resolvers.pages import Page, page_forward
from resolvers.scope import BULK_IMPORT, LOCATION, reload

Mapping = Sequence[tuple[str, ImportField]]


async def page(context: Context, seat: Seat, search: str | None, window: Slice) -> Page[BulkImportRow]:
    """A page of the account's imports, most recent first; only those whose name has all words of the search."""
    return await page_forward(
        context,
        f"imports:{seat.account.id.hex}",
        window,
        partial(bulk_import_rows.in_scope, context.reads, seat.scope, search),
        lambda row: Position(row.created_at, row.id),
    )


async def count(context: Context, seat: Seat, search: str | None) -> int:
    return await bulk_import_rows.count(context.reads, seat.scope, search)


async def row_errors(context: Context, seat: Seat, key: UUID, window: Slice) -> Page[RowError]:
    """A page of the import's row errors, in file order."""
    return await page_forward(
        context,
        f"rowErrors:{key.hex}",
        window,
        partial(bulk_import_rows.row_errors, context.reads, key, seat.scope),
        lambda one: Position(one.row, one.ordinal),
    )


async def count_row_errors(context: Context, key: UUID) -> int:
    return await bulk_import_rows.count_row_errors(context.reads, key)


async def start(
    context: Context,
    request: RequestId,
    *,
    location_id: str,
    name: str,
    upload_id: str,
    mapping: Mapping,
    channels: Sequence[Channel],
    per_hour: int | None,
    spread_over_days: int | None,
    dry_run: bool,
) -> BulkImportRow:
    """Creates an import and its job in one transaction."""
    async with attempt(context, "bulkImport", request, LOCATION, location_id) as tried:
        if tried.done is None:
            check_speed(per_hour, spread_over_days)
            clean_name = _clean_name(name)
            upload = await uploads.importable(context, tried.seat, upload_id)
            uploads.check_size(upload, tried.seat)
            header = await storage.read(upload.id, lambda pieces: mappings.check_file(pieces, mapping))
            unique_channels = named_channels(channels)
            reached = await check_channels(tried.tx, tried.seat, tried.row.id, unique_channels)
            mappings.check_channels(mapping, reached, "mapping")
            new = NewImport(
                account_id=tried.row.account_id,
                location_id=tried.row.id,
                upload_id=upload.id,
                name=clean_name,
                mapping=mappings.stored(mapping, header),
                channels=unique_channels,
                created_by=tried.actor.name or "",
                per_hour=per_hour,
                spread_over_days=spread_over_days,
                dry_run=dry_run,
            )
            tried.done = await create_import(tried.tx, new, context.now)
            await runner.enqueue(tried.tx, tried.done, "first")
    return await reload(context, BULK_IMPORT, tried.done)


def check_speed(per_hour: int | None, spread_over_days: int | None) -> None:
    if per_hour is not None and spread_over_days is not None:
        raise Invalid("Give perHour or spreadOverDays, not both.", ["sendSpeed"])
    if per_hour is not None and not 1 <= per_hour <= 100_000:
        raise Invalid("perHour must be from 1 to 100000.", ["sendSpeed", "perHour"])
    if spread_over_days is not None and not 1 <= spread_over_days <= 90:
        raise Invalid("spreadOverDays must be from 1 to 90.", ["sendSpeed", "spreadOverDays"])


def _clean_name(name: str) -> str:
    cleaned = clean_short(name, "name")
    if cleaned is None:
        raise Invalid("Give the list a name; the table shows it.", ["name"])
    return cleaned


async def check_channels(tx: Db, seat: Seat, location: UUID, channels: Sequence[Channel]) -> set[Channel]:
    """Those of the channels that the location's sequence uses, within the plan's steps. Raises a Refusal if there are none."""
    require_channels(channels, seat)
    steps = await steps_reached(tx, location, [str(channel) for channel in channels], seat.account.facts)
    if not steps:
        raise MissingContact(
            f"This location's sequence has no {' or '.join(channels)} step; choose another channel.", ["channels"]
        )
    return {step.channel for step in steps}
