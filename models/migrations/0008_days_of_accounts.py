"""What an account created and restarted on a day; and whether the reason for skipping a record lies at another location."""

from tortoise import migrations
from tortoise.migrations import operations as ops

OPEN, WALLED = "plaudit_gateway", "plaudit_gateway_walled"
NAMED = "account_id = any((select string_to_array(current_setting('plaudit.accounts', true), ','))::uuid[])"

DAYS = f"""
create table account_day (
  account_id uuid not null references account on delete cascade,
  day date not null,
  taken_in int not null default 0,
  restarted int not null default 0,
  primary key (account_id, day));
comment on column account_day.day is 'In the account''s time zone';
create index account_day_old on account_day (day);
alter table account_day enable row level security;
create policy open on account_day to {OPEN} using (true) with check (true);
create policy walled on account_day to {WALLED} using ({NAMED}) with check ({NAMED});
"""

ELSEWHERE = """
alter table import_row add column elsewhere boolean not null default false;
alter table import_row_error add column elsewhere boolean not null default false;
comment on column import_row_error.elsewhere is 'Whether the reason lies at another location than the import''s';
"""


class Migration(migrations.Migration):
    dependencies = [("models", "0007_events_are_only_added")]

    operations = [ops.RunSQL(DAYS + ELSEWHERE, reverse_sql=ops.RunSQL.noop)]
