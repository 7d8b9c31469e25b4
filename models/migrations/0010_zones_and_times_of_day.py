"""Customers have the zone that their phone number tells; steps and messages have a time of day."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

# Small: upkeep looks up the numbers of older customers in batches (`models/commands/zones.py`).
NOT_LOOKED_UP = """
create index customer_zone_unknown on customer (id) where phone is not null and zone_spread is null;
comment on column customer.time_zone is 'What the phone number tells; null if nothing more than the location''s zone';
comment on column customer.zone_spread is
  'How many hours the other possible zones are behind time_zone; null until the number was looked up';
comment on column sequence_step.at_minute is 'Minutes after midnight, local';
comment on column message.at_minute is 'Minutes after midnight, local';
"""


class Migration(migrations.Migration):
    dependencies = [("models", "0009_delivery")]

    operations = [
        ops.AddField(model_name="Customer", name="time_zone", field=fields.TextField(null=True)),
        ops.AddField(model_name="Customer", name="zone_spread", field=fields.SmallIntField(null=True)),
        ops.AddField(model_name="SequenceStep", name="at_minute", field=fields.SmallIntField(null=True)),
        ops.AddField(model_name="Message", name="at_minute", field=fields.SmallIntField(null=True)),
        ops.RunSQL(NOT_LOOKED_UP, reverse_sql=ops.RunSQL.noop),
    ]
