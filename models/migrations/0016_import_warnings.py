"""Imports count the cells that were left out."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

from models.migrations import Known

COLUMN = """
alter table bulk_import add column warnings jsonb not null default '[]';
comment on column bulk_import.warnings is 'Cells that no channel needs and that were left out: by code and column, with the first rows';
"""


class Migration(migrations.Migration):
    dependencies = [("models", "0014_same_mailbox")]

    operations = [
        Known(model_name="BulkImport", name="warnings", field=fields.JSONField(default=list)),
        ops.RunSQL(COLUMN, reverse_sql=ops.RunSQL.noop),
    ]
