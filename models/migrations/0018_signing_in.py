"""Links with which members sign in, and requests for such a link by mail."""

from tortoise import migrations
from tortoise.migrations import operations as ops

# Without policies: the gateway's roles see no row, even if they were granted the tables.
TABLES = """
create table sign_in_request (
  id uuid primary key,
  email text,
  address_hash bytea not null,
  browser_hash bytea not null,
  created_at timestamptz not null,
  due_at timestamptz,
  tries smallint not null default 0);
comment on table sign_in_request is 'Somebody asked for a link by mail; whether a member has the address is found out later';
comment on column sign_in_request.email is 'Null when nothing more is tried';
comment on column sign_in_request.address_hash is 'A keyed hash of the address, by which requests are counted';
comment on column sign_in_request.due_at is 'Null while it is tried, and when nothing more is tried';
create index sign_in_request_address on sign_in_request (address_hash, created_at);
create index sign_in_request_due on sign_in_request (due_at) where due_at is not null;
create index sign_in_request_old on sign_in_request (created_at);
alter table sign_in_request enable row level security;

create table sign_in_link (
  token_hash bytea primary key,
  user_id uuid not null references app_user on delete cascade,
  account_id uuid references account on delete cascade,
  browser_hash bytea,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz);
comment on table sign_in_link is 'A link with which a member can sign in once';
comment on column sign_in_link.token_hash is 'A keyed hash of the token, which is not stored';
comment on column sign_in_link.browser_hash is 'A keyed hash of the secret of the browser in which alone the link works; null: in any';
create index sign_in_link_user on sign_in_link (user_id);
create index sign_in_link_account on sign_in_link (account_id);
create index sign_in_link_old on sign_in_link (expires_at);
alter table sign_in_link enable row level security;

create index app_user_email on app_user (email);
"""


class Migration(migrations.Migration):
    dependencies = [("models", "0017_verdicts_without_marks")]

    operations = [ops.RunSQL(TABLES, reverse_sql=ops.RunSQL.noop)]
