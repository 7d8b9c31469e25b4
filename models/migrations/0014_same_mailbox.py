"""Addresses of one mailbox are one person's: for suppressions, the cool-down, open invitations and records listed twice."""

from tortoise import migrations
from tortoise.migrations import operations as ops

# Reads addresses as Plaudit stores them: in lower case, with an ASCII domain. What has no @, as phone numbers, stays as it is.
MAILBOX = r"""
create function public.plaudit_mailbox(address text) returns text language sql immutable strict parallel safe as $f$
  select case when untagged ~ '^[^@]*@(gmail|googlemail)\.com$'
    then replace(split_part(untagged, '@', 1), '.', '') || '@gmail.com' else untagged end
  from regexp_replace(address, '^([^+@]+)\+[^@]*@', '\1@') as untagged $f$;
comment on function public.plaudit_mailbox is
  'Where mail to this address arrives: without a +tag, and at Gmail without dots, since those lead to the same mailbox';
"""

# Suppressions from before have the key of the whole address, which cannot be computed anew, since the address is not stored.
KEYS = """
create function public.plaudit_address_keys(address text) returns bytea[] language sql immutable strict parallel safe as $f$
  select array[public.plaudit_address_key(address), public.plaudit_address_key(public.plaudit_mailbox(address))] $f$;
comment on function public.plaudit_address_keys is 'The keys under which a suppression of this address may be stored';
"""

# Columns rather than indexes on an expression, which row-level security would not let the planner use.
COLUMNS = """
alter table customer add column mailbox text generated always as (public.plaudit_mailbox(email)) stored;
create index customer_mailbox on customer (account_id, mailbox);
drop index customer_address;
alter table import_row add column mailbox text generated always as (public.plaudit_mailbox(email)) stored;
create index import_row_mailbox on import_row (bulk_import_id, mailbox) where mailbox is not null;
drop index import_row_email;
"""


class Migration(migrations.Migration):
    dependencies = [("models", "0013_imports_can_be_paused")]

    operations = [ops.RunSQL(MAILBOX + KEYS + COLUMNS, reverse_sql=ops.RunSQL.noop)]
