"""Of an import, when the last of its first messages is due."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

from models.migrations import Known

COLUMN = """
alter table bulk_import add column last_due_at timestamptz;
comment on column bulk_import.last_due_at is 'When the last of its first messages is due';
"""


class Migration(migrations.Migration):
    dependencies = [("models", "0014_same_mailbox")]

    operations = [
        Known(model_name="BulkImport", name="last_due_at", field=fields.DatetimeField(null=True)),
        ops.RunSQL(COLUMN, reverse_sql=ops.RunSQL.noop),
    ]
