"""Creating a bulk import."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import models
from bulk_import import storage
from models.connection import Db
from models.rules.enums import BulkImportState, Channel, ImportField


@dataclass(frozen=True, slots=True)
class NewImport:
    """A checked request. `mapping` is columns with their fields; `per_hour` or `spread_over_days` is the send speed."""

    account_id: UUID
    location_id: UUID
    upload_id: UUID
    name: str
    mapping: Sequence[tuple[str, ImportField]]
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
        mapping=[{"column": column, "field": field} for column, field in new.mapping],
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
