"""Imports count the cells that were left out; suppressions of whole addresses are stored for mailboxes where that is still possible."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

from models.migrations import Known

COLUMN = """
alter table bulk_import add column warnings jsonb not null default '[]';
comment on column bulk_import.warnings is 'Cells that no channel needs and that were left out: by code and column, with the first rows';
"""

# Customers keep their addresses, so the mailbox of a suppressed one can be computed while a customer has it. Of several
# suppressions in a mailbox, one covers it and the others stay as they are.
MAILBOXES = """
with known as (
  select distinct on (s.account_id, k.mailbox) s.id, k.mailbox
  from customer c
  cross join lateral (
    select public.plaudit_address_key(c.email) as whole, public.plaudit_address_key(c.mailbox) as mailbox) k
  join suppression s on s.account_id = c.account_id and s.channel = 'EMAIL' and s.address_key = k.whole
  where c.email <> c.mailbox and not exists (
    select from suppression o where o.account_id = s.account_id and o.channel = 'EMAIL' and o.address_key = k.mailbox)
  order by s.account_id, k.mailbox, s.created_at, s.id
)
update suppression s set address_key = known.mailbox from known where s.id = known.id;
"""


class Migration(migrations.Migration):
    dependencies = [("models", "0015_when_a_list_is_sent")]

    operations = [
        Known(model_name="BulkImport", name="warnings", field=fields.JSONField(default=list)),
        ops.RunSQL(COLUMN + MAILBOXES, reverse_sql=ops.RunSQL.noop),
    ]
