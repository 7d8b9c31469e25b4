"""Imports can be paused, which holds their lanes; and checked beforehand, in a dry run. Errors count apart from lost workers."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

from models.migrations import Known

COLUMNS = """
alter table bulk_import add column dry_run boolean not null default false, add column planned jsonb not null default '{}',
  add column failures smallint not null default 0, add column changing_since timestamptz, add column changed_to uuid;
create index bulk_import_changing on bulk_import (id) where changing_since is not null;
comment on column bulk_import.planned is 'Of a dry run: how many invitations would be created in each billing cycle';
"""
# In slices by key: resuming and cancelling a long list.
INDEX = """
create index invitation_of_import on invitation (bulk_import_id, id) where bulk_import_id is not null;
drop index invitation_import;
"""
FLAG = """
create function public.plaudit_lane_flag(channel text, held_by text, sender_complete boolean, import_state text) returns text
language sql immutable return coalesce(
  case when channel = 'EMAIL' then coalesce(held_by, case when not sender_complete then 'SENDER_INCOMPLETE' end) end,
  case when import_state in ('PAUSED', 'CANCELLED') then 'IMPORT_PAUSED' end);
comment on function public.plaudit_lane_flag is 'Why a lane must not send: because of its location, or of its import';
"""


class Migration(migrations.Migration):
    dependencies = [("models", "0012_who_caused_an_event")]

    operations = [
        Known(model_name="BulkImport", name="dry_run", field=fields.BooleanField(default=False)),
        Known(model_name="BulkImport", name="planned", field=fields.JSONField(default=dict)),
        Known(model_name="BulkImport", name="failures", field=fields.SmallIntField(default=0)),
        Known(model_name="BulkImport", name="changing_since", field=fields.DatetimeField(null=True)),
        Known(model_name="BulkImport", name="changed_to", field=fields.UUIDField(null=True)),
        ops.RunSQL(COLUMNS + INDEX + FLAG, reverse_sql=ops.RunSQL.noop),
    ]
