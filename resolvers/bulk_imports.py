"""Bulk imports: those of an account, the errors of their rows, and starting one."""

import asyncio
from collections.abc import Sequence
from functools import partial
from uuid import UUID

import models
from bulk_import import mapping as mappings
from bulk_import import runner, storage
from bulk_import.reader import CsvFile
from bulk_import.uploads import MEGABYTE
from models.commands.invite_many import steps_reached
from models.connection import Db
from models.reads import bulk_import_rows, uploads
from models.reads.bulk_import_rows import BulkImportRow, RowError
from models.reads.keyset import Position
from models.rules import ids
from models.rules.address import clean_short
from models.rules.enums import BulkImportState, Channel, ImportField
from models.rules.errors import FileTooLarge, Invalid, MissingContact, NotFound
from permissions.access import require_channels
from permissions.viewer import Seat
from resolvers.command import Given, attempt
from resolvers.context import Context
from resolvers.cursors import Slice
from resolvers.pages import Page, page_forward
from resolvers.scope import BULK_IMPORT, LOCATION, again

Mapping = Sequence[tuple[str, ImportField]]


async def page(context: Context, seat: Seat, window: Slice) -> Page[BulkImportRow]:
    """The latest first."""
    return await page_forward(
        context,
        f"imports:{seat.account.id.hex}",
        window,
        partial(bulk_import_rows.in_scope, context.reads, seat.scope),
        lambda row: Position(row.created_at, row.id),
    )


async def number(context: Context, seat: Seat) -> int:
    return await bulk_import_rows.number(context.reads, seat.scope)


async def row_errors(context: Context, key: UUID, window: Slice) -> Page[RowError]:
    """In the file's order."""
    return await page_forward(
        context,
        f"rowErrors:{key.hex}",
        window,
        partial(bulk_import_rows.row_errors, context.reads, key),
        lambda one: Position(one.row, one.ordinal),
    )


async def number_of_row_errors(context: Context, key: UUID) -> int:
    return await bulk_import_rows.number_of_row_errors(context.reads, key)


async def start(
    context: Context,
    given: Given,
    *,
    location_id: str,
    name: str,
    upload_id: str,
    mapping: Mapping,
    channels: Sequence[Channel],
    per_hour: int | None,
    spread_over_days: int | None,
) -> BulkImportRow:
    """The new import, with its job in the same transaction."""
    async with attempt(context, "bulkImport", given, LOCATION, location_id) as tried:
        if tried.done is None:
            _refuse_speed(per_hour, spread_over_days)
            listed = _name(name)
            upload = await _upload(context, tried.seat, upload_id)
            await _refuse_header(upload, mapping)
            used = list(dict.fromkeys(channels))
            await _refuse_channels(tried.tx, tried.seat, tried.row.id, used)
            row = await models.BulkImport.create(
                using_db=tried.tx,
                account_id=tried.row.account_id,
                location_id=tried.row.id,
                upload_id=upload,
                name=listed,
                mapping=[{"column": column, "field": field} for column, field in mapping],
                channels=[str(channel) for channel in used],
                per_hour=per_hour,
                spread_over_days=spread_over_days,
                created_by=tried.actor.name or "",
                created_at=context.now,
                state=BulkImportState.QUEUED,
            )
            await storage.keep(tried.tx, upload, context.now)
            await runner.enqueue(tried.tx, row.id, "first")
            tried.done = row.id
    return await again(context, BULK_IMPORT, tried.done)


def _refuse_speed(per_hour: int | None, spread_over_days: int | None) -> None:
    if per_hour is not None and spread_over_days is not None:
        raise Invalid("Give perHour or spreadOverDays, not both.", ["sendSpeed"])
    if per_hour is not None and not 1 <= per_hour <= 100_000:
        raise Invalid("perHour must be from 1 to 100000.", ["sendSpeed", "perHour"])
    if spread_over_days is not None and not 1 <= spread_over_days <= 90:
        raise Invalid("spreadOverDays must be from 1 to 90.", ["sendSpeed", "spreadOverDays"])


def _name(name: str) -> str:
    listed = clean_short(name, "name")
    if listed is None:
        raise Invalid("Give the list a name; the table shows it.", ["name"])
    return listed


async def _upload(context: Context, seat: Seat, upload_id: str) -> UUID:
    key, most = ids.parse_id(ids.UPLOAD, upload_id), seat.account.facts.upload_megabytes
    viewer = await context.viewer()
    found = await uploads.importable(context.reads, key, seat.account.id, viewer.id) if key else None
    if found is None:
        raise NotFound("No upload has this id; send the file to POST /uploads first.", ["uploadId"])
    if found.size > most * MEGABYTE:
        raise FileTooLarge(f"The account's plan accepts files up to {most} MB; split the list.", ["uploadId"])
    return found.id


async def _refuse_header(upload: UUID, mapping: Mapping) -> None:
    """The worker reads the whole file; here its header and the mapping are compared."""
    loop = asyncio.get_running_loop()
    file = await asyncio.to_thread(lambda: CsvFile(storage.pieces(upload, loop)))
    mappings.check(mapping, file.header)


async def _refuse_channels(tx: Db, seat: Seat, location: UUID, channels: Sequence[Channel]) -> None:
    if not channels:
        raise Invalid("Name at least one channel.", ["channels"])
    require_channels(channels, seat)
    if not await steps_reached(tx, location, [str(channel) for channel in channels], seat.account.facts.steps):
        raise MissingContact(
            f"This location's sequence has no step by {' or '.join(channels)}; choose another channel.", ["channels"]
        )
