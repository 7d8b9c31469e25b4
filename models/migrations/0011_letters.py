"""What a mail looks like: a location's color and logo, a template's language and preheader. Whether opens are tracked; and
test messages."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

from models.migrations import Known

OPEN, WALLED = "plaudit_gateway", "plaudit_gateway_walled"
NAMED = "account_id = any((select string_to_array(current_setting('plaudit.accounts', true), ','))::uuid[])"

COLUMNS = """
alter table account add column open_tracking boolean not null default true;
comment on column account.open_tracking is 'Whether messages have the pixel that records opens';
alter table location add column color text, add column logo text;
alter table template add column language varchar(10) not null default 'en', add column preheader text;
"""

# Until now the built-in templates were in English for every other language than these.
LANGUAGES = """
update template t set language = l.language from location l
where l.id = t.location_id and (t.key not in ('ask', 'remind') or lower(split_part(l.language, '-', 1)) in ('de', 'fr', 'es'));
"""

TESTS = f"""
create table test_message (
  id uuid primary key,
  account_id uuid not null references account on delete cascade,
  location_id uuid not null references location on delete cascade,
  template_id uuid not null references template on delete cascade,
  step smallint not null,
  user_id uuid not null references app_user on delete cascade,
  created_at timestamptz not null,
  due_at timestamptz,
  tries smallint not null default 0,
  sent_at timestamptz);
comment on table test_message is 'A step as a member sends it to themselves';
comment on column test_message.due_at is 'Null while it is tried, and when nothing more is tried';
create index test_message_due on test_message (due_at) where due_at is not null;
create index test_message_old on test_message (created_at);
create index test_message_account on test_message (account_id, created_at);
create index test_message_location on test_message (location_id);
create index test_message_template on test_message (template_id);
create index test_message_user on test_message (user_id);
alter table test_message enable row level security;
create policy open on test_message to {OPEN} using (true) with check (true);
create policy walled on test_message to {WALLED} using ({NAMED}) with check ({NAMED});
"""


class Migration(migrations.Migration):
    dependencies = [("models", "0010_zones_and_times_of_day")]

    operations = [
        Known(model_name="Account", name="open_tracking", field=fields.BooleanField(default=True)),
        Known(model_name="Location", name="color", field=fields.TextField(null=True, unique=False)),
        Known(model_name="Location", name="logo", field=fields.TextField(null=True, unique=False)),
        Known(model_name="Template", name="language", field=fields.CharField(default="en", max_length=10)),
        Known(model_name="Template", name="preheader", field=fields.TextField(null=True, unique=False)),
        ops.RunSQL(COLUMNS + LANGUAGES + TESTS, reverse_sql=ops.RunSQL.noop),
    ]
