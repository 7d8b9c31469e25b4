"""Uploads and bulk imports, with their options and progress; their rows are tables without models (see migrations)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.models import Model

from models.rules.enums import BulkImportState, ImportField
from models.rules.ids import uuid7
from models.tables.account import Account
from models.tables.location import Location


class Upload(Model):
    """A file in pieces of one megabyte (table upload_piece); complete once `size` is set."""

    id = fields.UUIDField(primary_key=True, default=uuid7)
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("models.Account", related_name=False)
    account_id: UUID
    size: int | None = fields.BigIntField(null=True)
    created_by: UUID | None = fields.UUIDField(null=True)
    created_at = fields.DatetimeField()
    keep_until = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "upload"
        table_description = "A file that waits to be imported"


class BulkImport(Model):
    """`mapping` is a list of {"column", "field", "place"}. `parsed_rows` and `judged_rows` are checkpoints. `fence` increases with
    every worker that claims the import."""

    id = fields.UUIDField(primary_key=True, default=uuid7)
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("models.Account", related_name=False)
    account_id: UUID
    location: fields.ForeignKeyRelation[Location] = fields.ForeignKeyField("models.Location", related_name=False)
    location_id: UUID
    upload: fields.ForeignKeyRelation[Upload] = fields.ForeignKeyField("models.Upload", related_name=False)
    upload_id: UUID
    name = fields.TextField()
    mapping: list[dict[str, Any]] = fields.JSONField()
    channels: list[str] = ArrayField(element_type="text")
    per_hour: int | None = fields.IntField(null=True)
    spread_over_days: int | None = fields.IntField(null=True)
    created_by = fields.TextField()
    created_at = fields.DatetimeField()
    started_at: datetime | None = fields.DatetimeField(null=True)
    finished_at: datetime | None = fields.DatetimeField(null=True)
    state = fields.CharEnumField(BulkImportState, max_length=20)
    error: str | None = fields.TextField(null=True)
    seq = fields.BigIntField(default=0)
    fence = fields.IntField(default=0)
    starts = fields.SmallIntField(default=0)
    failures = fields.SmallIntField(default=0)
    """How many workers claimed it, and how many of these met an error, since it last made progress."""
    parsed_rows = fields.IntField(default=0)
    judged_rows = fields.IntField(default=0)
    total_rows: int | None = fields.IntField(null=True)
    invited_rows = fields.IntField(default=0)
    skipped_rows = fields.IntField(default=0)
    invalid_rows = fields.IntField(default=0)
    sent_messages = fields.IntField(default=0)
    next_due_at: datetime | None = fields.DatetimeField(null=True)
    last_due_at: datetime | None = fields.DatetimeField(null=True)
    """When the next first message would be due, and when the last one is."""
    changing_since: datetime | None = fields.DatetimeField(null=True)
    """While its invitations are retimed (PAUSED) or ended (CANCELLED), slice by slice, after the one of key `changed_to`."""
    changed_to: UUID | None = fields.UUIDField(null=True)
    dry_run = fields.BooleanField(default=False)
    planned: dict[str, int] = fields.JSONField(default=dict)
    """Of a dry run: how many invitations would be created in each billing cycle, by its first day."""

    warnings: list[dict[str, Any]] = fields.JSONField(default=list)
    """Each has the fields of an `ImportRowWarning`."""

    @property
    def columns(self) -> list[tuple[str, ImportField]]:
        """The mapped columns with their fields."""
        return [(one["column"], ImportField(one["field"])) for one in self.mapping]

    @property
    def places(self) -> dict[ImportField, int]:
        """The positions of the mapped columns in the file; none of older imports, which did not note them."""
        return {ImportField(one["field"]): one["place"] for one in self.mapping if "place" in one}

    @property
    def has_speed(self) -> bool:
        return bool(self.per_hour or self.spread_over_days)

    @property
    def is_read(self) -> bool:
        """Whether the whole file has been read for the present channels."""
        return self.total_rows is not None and self.parsed_rows >= self.total_rows

    @property
    def is_unfinished(self) -> bool:
        """Whether rows are left to read or to judge."""
        return self.total_rows is None or self.judged_rows < self.total_rows

    class Meta(Model.Meta):
        table = "bulk_import"
        table_description = "A list of customers on its way in"
