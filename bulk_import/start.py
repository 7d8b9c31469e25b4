"""Creating a bulk import, and starting one that was checked or has finished."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import models
from bulk_import import storage
from bulk_import.mapping import check_channels
from models.commands import allowance, import_control
from models.commands.sequences import planned_steps
from models.connection import Db
from models.rules.enums import BulkImportState, Channel
from models.rules.errors import Invalid
from models.rules.import_refusal import import_refusal


@dataclass(frozen=True, slots=True)
class NewImport:
    """A checked request. `mapping` is as `bulk_import.mapping.stored` returns it; `per_hour` or `spread_over_days` is the send
    speed."""

    account_id: UUID
    location_id: UUID
    upload_id: UUID
    name: str
    mapping: Sequence[Mapping[str, Any]]
    channels: Sequence[Channel]
    created_by: str
    per_hour: int | None = None
    spread_over_days: int | None = None
    dry_run: bool = False


async def create_import(tx: Db, new: NewImport, now: datetime) -> UUID:
    """Creates a QUEUED import without a job, and keeps its file; returns its key."""
    row = await models.BulkImport.create(
        using_db=tx,
        account_id=new.account_id,
        location_id=new.location_id,
        upload_id=new.upload_id,
        name=new.name,
        mapping=list(new.mapping),
        channels=[str(channel) for channel in new.channels],
        per_hour=new.per_hour,
        spread_over_days=new.spread_over_days,
        created_by=new.created_by,
        created_at=now,
        dry_run=new.dry_run,
        state=BulkImportState.QUEUED,
    )
    await storage.keep(tx, new.upload_id, now)
    return row.id


@dataclass(frozen=True, slots=True)
class Restart:
    """How to start an import: with other channels, or its own; with another send speed, or its own; and who starts it."""

    channels: Sequence[Channel] | None
    per_hour: int | None
    spread_over_days: int | None
    created_by: str


async def start_again(tx: Db, key: UUID, how: Restart, now: datetime) -> UUID:
    """Continues an import that a dry run has checked, or imports a finished one's file again, by other channels. Returns the key
    of the import that runs. Raises Invalid."""
    row = await import_control.locked(tx, key)
    if row.state not in (BulkImportState.VALIDATED, BulkImportState.COMPLETED):
        raise import_refusal(row.state, "started")
    if how.channels:
        check_channels(row.columns, await _used(tx, row) & set(how.channels), "channels")
    if row.state is BulkImportState.VALIDATED:
        await import_control.begin_checked(tx, row, how.channels, how.per_hour, how.spread_over_days)
        return row.id
    if not how.channels or await _reach_the_same(tx, row, how.channels):
        raise Invalid("This list has been imported; name another channel to send it by that one too.", ["channels"])
    return await _import_again(tx, row, how.channels, how, now)


async def _reach_the_same(tx: Db, row: models.BulkImport, channels: Sequence[Channel]) -> bool:
    """Whether the steps that the plan includes use the same ones of these channels as of the import's."""
    used = await _used(tx, row)
    return used.intersection(channels) == used.intersection(map(Channel, row.channels))


async def _used(tx: Db, row: models.BulkImport) -> set[Channel]:
    """The channels of the steps that the plan includes."""
    terms = await allowance.lock_one(tx, row.account_id)
    return {step.channel for step in await planned_steps(tx, row.location_id, terms.facts)}


async def _import_again(
    tx: Db, row: models.BulkImport, channels: Sequence[Channel], how: Restart, now: datetime
) -> UUID:
    """A new import of the same file."""
    upload = await models.Upload.get(id=row.upload_id, using_db=tx)
    if upload.size is None:
        raise Invalid("The file of this import is no longer stored; upload it again.", ["bulkImportId"])
    new = NewImport(
        account_id=row.account_id,
        location_id=row.location_id,
        upload_id=row.upload_id,
        name=row.name,
        mapping=row.mapping,
        channels=channels,
        created_by=how.created_by,
        per_hour=how.per_hour,
        spread_over_days=how.spread_over_days,
    )
    return await create_import(tx, new, now)
