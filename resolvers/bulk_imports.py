"""Starting a bulk import: within the scope, by the policy, with a file whose head can be read."""

import asyncio
from uuid import UUID

import models
from bulk_import import mapping as mappings
from bulk_import import runner, storage
from bulk_import.reader import CsvFile
from bulk_import.uploads import MEGABYTE
from models.commands.idempotency import Answer
from models.commands.invite_many import steps_of
from models.connection import Db
from models.reads import bulk_import_rows
from models.reads.bulk_import_rows import BulkImportRow
from models.rules import ids
from models.rules.address import clean_short
from models.rules.enums import BulkImportState, Channel, ImportField
from models.rules.errors import FileTooLarge, Invalid, MissingContact, NotFound, Refusal
from permissions.access import require_channels
from permissions.viewer import Seat
from resolvers import accounts
from resolvers.commands import missing, once
from resolvers.context import Context


async def begin(
    context: Context,
    *,
    location_id: str,
    name: str,
    upload_id: str,
    mapping: list[tuple[str, ImportField]],
    channels: list[Channel],
    per_hour: int | None,
    spread_over_days: int | None,
    key: str | None,
) -> BulkImportRow:
    """The new import, with its job in the same transaction."""
    given = [location_id, name, upload_id, mapping, channels, per_hour, spread_over_days]
    location = await accounts.location(context, location_id)
    if location is None:
        refusal = NotFound("There is no such location.", ["locationId"])
        raise await missing(context, "bulkImport", key, given, refusal)
    seat = context.require("Mutation.bulkImport", location.account_id)
    upload = await _readable(context, seat, upload_id, mapping)
    actor = await context.actor()

    async def work(tx: Db) -> Answer:
        _refuse_speed(per_hour, spread_over_days)
        listed = _name(name)
        if isinstance(upload, Refusal):
            raise upload
        await _refuse_channels(tx, seat, location.id, channels)
        row = await models.BulkImport.create(
            using_db=tx,
            account_id=location.account_id,
            location_id=location.id,
            upload_id=upload,
            name=listed,
            mapping=[{"column": column, "field": field} for column, field in mapping],
            channels=[str(channel) for channel in channels],
            per_hour=per_hour,
            spread_over_days=spread_over_days,
            created_by=actor.name or "",
            created_at=context.now,
            state=BulkImportState.QUEUED,
        )
        await storage.keep(tx, upload, context.now)
        await runner.enqueue(tx, row.id, "first")
        return {"id": row.id.hex}

    answer = await once(context, location.account_id, "bulkImport", key, given, work)
    (made,) = await bulk_import_rows.by_ids(context.reads, [UUID(answer["id"])])
    return made


def _refuse_speed(per_hour: int | None, spread_over_days: int | None) -> None:
    if per_hour is not None and spread_over_days is not None:
        raise Invalid("Give perHour or spreadOverDays, not both.", ["sendSpeed"])
    if per_hour is not None and not 1 <= per_hour <= 100_000:
        raise Invalid("perHour is from 1 to 100000.", ["sendSpeed", "perHour"])
    if spread_over_days is not None and not 1 <= spread_over_days <= 90:
        raise Invalid("spreadOverDays is from 1 to 90.", ["sendSpeed", "spreadOverDays"])


def _name(name: str) -> str:
    listed = clean_short(name, "name")
    if listed is None:
        raise Invalid("Give the list a name; the table shows it.", ["name"])
    return listed


async def _readable(
    context: Context, seat: Seat, upload_id: str, mapping: list[tuple[str, ImportField]]
) -> UUID | Refusal:
    """The upload, or why it cannot be imported: read before the transaction, which has a connection already."""
    try:
        upload = await _upload(context, seat, upload_id)
        await _refuse_head(upload, mapping)
    except Refusal as refusal:
        return refusal
    return upload


_UPLOAD = """
-- How large is this upload, if this member may import it into this account: the account's, or one that they sent
-- while acting for another, as who works for an agency does ($1 upload, $2 account, $3 user)?
select size, account_id from upload where id = $1 and size is not null and (account_id = $2 or created_by = $3)
"""


async def _upload(context: Context, seat: Seat, upload_id: str) -> UUID:
    key, most = ids.parse_id(ids.UPLOAD, upload_id), seat.account.facts.upload_megabytes
    rows = await context.reads.identity(_UPLOAD, key, seat.account.id, (await context.viewer()).id)
    if key is None or not rows:
        raise NotFound("There is no such upload; send the file to POST /uploads first.", ["uploadId"])
    await context.seat(rows[0]["account_id"])
    if rows[0]["size"] > most * MEGABYTE:
        raise FileTooLarge(f"The account's plan takes files of {most} MB at most; split the list.", ["uploadId"])
    return key


async def _refuse_head(upload: UUID, mapping: list[tuple[str, ImportField]]) -> None:
    """The whole file is read by the worker; here its head and the mapping are seen to fit."""
    loop = asyncio.get_running_loop()
    file = await asyncio.to_thread(lambda: CsvFile(storage.pieces(upload, loop)))
    mappings.check(mapping, file.header)


async def _refuse_channels(tx: Db, seat: Seat, location: UUID, channels: list[Channel]) -> None:
    if not channels:
        raise Invalid("Name at least one channel.", ["channels"])
    require_channels(channels, seat)
    if not await steps_of(tx, location, [str(channel) for channel in channels], seat.account.facts.steps):
        raise MissingContact(
            f"This location's sequence has no step by {' or '.join(channels)}; choose another channel.", ["channels"]
        )
