"""One column says whether a location's sender is complete; and the models learn of two columns that SQL made."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

from models.migrations import Known
from models.tables.interval import IntervalField

SENDER_COMPLETE = """
alter table location add column sender_complete boolean not null generated always as (
  coalesce(postal_address, '') <> '' and coalesce(sender_name, '') <> '' and coalesce(sender_email, '') <> '') stored;
comment on column location.sender_complete is 'Whether its e-mails have what the law requires';
"""


class Migration(migrations.Migration):
    dependencies = [("models", "0004_row_security")]

    operations = [
        Known(model_name="Lane", name="refusals", field=fields.SmallIntField(default=0)),
        Known(model_name="Message", name="remaining", field=IntervalField(null=True)),
        ops.RunSQL(SENDER_COMPLETE, reverse_sql=ops.RunSQL.noop),
    ]
