"""Functions, defaults, generated columns, plain tables and indexes that the models cannot say."""

from tortoise import migrations
from tortoise.migrations import operations as ops

EXTENSIONS = """
create extension if not exists unaccent with schema public;
create extension if not exists pg_trgm with schema public;
create extension if not exists btree_gin with schema public;
"""

# PostgreSQL has its own from 18 on; an unqualified uuidv7() finds that one first.
UUIDV7 = """
do $$ begin
  if current_setting('server_version_num')::int < 180000 then
    create function public.uuidv7() returns uuid language sql volatile parallel safe as $f$
      select encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
        placing substring(int8send(floor(extract(epoch from clock_timestamp()) * 1000)::bigint) from 3)
        from 1 for 6), 52, 1), 53, 1), 'hex')::uuid
    $f$;
  end if;
end $$;
"""

WITH_KEYS = [
    "activity_event",
    "bulk_import",
    "customer",
    "idempotency_key",
    "invitation",
    "lane",
    "message",
    "review",
    "suppression",
    "upload",
]
DEFAULTS = "".join(f"alter table {name} alter column id set default uuidv7();" for name in WITH_KEYS)

# Lower case, without accents and punctuation: what a search compares. Letters and digits of every script stay.
FOLD = r"""
create function public.plaudit_fold(t text) returns text language sql immutable strict parallel safe as $f$
  select regexp_replace(lower(public.unaccent('public.unaccent'::regdictionary, normalize(t, NFKC))), '[^[:alnum:]\s]+', '', 'g')
$f$;
"""

SEARCH_COLUMNS = r"""
alter table customer
  add column search text not null generated always as (
    public.plaudit_fold(coalesce(first_name, '') || ' ' || coalesce(last_name, '') || ' ' || coalesce(email, '') || ' ' ||
      coalesce(phone, '') || ' ' || coalesce(phone_national, '') || ' ' || coalesce(employee, '') || ' ' ||
      coalesce(service, '') || ' ' || coalesce(import_name, ''))
  ) stored,
  add column first_name_key text generated always as (nullif(public.plaudit_fold(first_name), '')) stored,
  add column last_name_key text generated always as (nullif(public.plaudit_fold(last_name), '')) stored;
"""

CUSTOMER_INDEXES = """
create index customer_newest on customer (account_id, invited_on desc, id desc);
create index customer_newest_of_location on customer (account_id, location_id, invited_on desc, id desc);
create index customer_first_name on customer (account_id, first_name_key, id);
create index customer_first_name_back on customer (account_id, first_name_key desc nulls last, id desc);
create index customer_last_name on customer (account_id, last_name_key, id);
create index customer_last_name_back on customer (account_id, last_name_key desc nulls last, id desc);
create index customer_nps on customer (account_id, nps_score, id);
create index customer_nps_back on customer (account_id, nps_score desc nulls last, id desc);
create index customer_rating on customer (account_id, rating, id);
create index customer_rating_back on customer (account_id, rating desc nulls last, id desc);
create unique index customer_email on customer (account_id, location_id, email) where email is not null;
create unique index customer_phone on customer (account_id, location_id, phone) where email is null;
create index customer_address on customer (account_id, email);
create index customer_number on customer (account_id, phone) where phone is not null;
create index customer_search on customer using gin (account_id, search gin_trgm_ops);
alter table customer add constraint customer_can_be_reached check (email is not null or phone is not null);
"""

INVITATION_INDEXES = """
create index invitation_customer on invitation (customer_id, taken_in_at desc, id desc);
create index invitation_import on invitation (bulk_import_id) where bulk_import_id is not null;
create index invitation_reserved on invitation (account_id, reserved_cycle) where reserved_cycle is not null;
create index invitation_held on invitation (account_id, state_reason) where state = 'HELD';
create index invitation_answer on invitation (answer_until) where state = 'ACTIVE' and answer_until is not null;
create index event_timeline on activity_event (customer_id, occurred_at desc, id desc);
create index event_of_invitation on activity_event (invitation_id, occurred_at desc, id desc);
create index event_of_message on activity_event (message_id, kind) where message_id is not null;
create index review_customer on review (customer_id, reviewed_on desc) where customer_id is not null;
create unique index lane_place on lane (location_id, channel, coalesce(bulk_import_id, '00000000-0000-0000-0000-000000000000'));
create index lane_next on lane (next_due) where flag is null;
create index lane_flagged on lane (account_id) where flag is not null;
create index message_due on message (lane_id, due_at) where state in ('SCHEDULED', 'DEFERRED');
create index message_lease on message (lease_until) where state in ('CLAIMED', 'SENDING');
create index membership_user on membership (user_id);
create index account_clients on account (agency_id, name, id) where agency_id is not null;
create index bulk_import_newest on bulk_import (account_id, created_at desc, id desc);
create index upload_keep on upload (keep_until);
create index idempotency_old on idempotency_key (created_at);
alter table message add column remaining interval;
alter table message set (fillfactor = 85, autovacuum_analyze_scale_factor = 0.01, autovacuum_vacuum_scale_factor = 0.02);
"""

MEMBERSHIP_LIMITS = """
create table membership_location (
  membership_id uuid not null references membership on delete cascade,
  location_id uuid not null references location on delete cascade,
  primary key (membership_id, location_id));
create table membership_client (
  membership_id uuid not null references membership on delete cascade,
  account_id uuid not null references account on delete cascade,
  primary key (membership_id, account_id));
create index membership_client_account on membership_client (account_id);
"""

COUNTERS = """
create table account_usage (
  account_id uuid not null references account on delete cascade,
  cycle_starts_on date not null,
  invited int not null default 0 check (invited >= 0),
  reserved int not null default 0 check (reserved >= 0),
  primary key (account_id, cycle_starts_on));
create table location_usage (
  account_id uuid not null references account on delete cascade,
  location_id uuid not null references location on delete cascade,
  cycle_starts_on date not null,
  invited int not null default 0 check (invited >= 0),
  reserved int not null default 0 check (reserved >= 0),
  primary key (account_id, cycle_starts_on, location_id));
"""

IMPORT_TABLES = """
create table upload_piece (
  upload_id uuid not null references upload on delete cascade,
  number int not null,
  bytes bytea not null,
  primary key (upload_id, number));
alter table upload_piece alter column bytes set storage external;
create table import_row (
  bulk_import_id uuid not null references bulk_import on delete cascade,
  account_id uuid not null,
  row int not null,
  cells text[] not null,
  first_name text, last_name text, email text, phone text, phone_national text, employee text, service text,
  code text,
  customer_id uuid,
  primary key (bulk_import_id, row));
create index import_row_email on import_row (bulk_import_id, email) where email is not null;
create index import_row_phone on import_row (bulk_import_id, phone) where phone is not null;
create table import_row_error (
  bulk_import_id uuid not null references bulk_import on delete cascade,
  account_id uuid not null,
  row int not null,
  ordinal smallint not null,
  column_name text,
  value text,
  code text not null,
  message text not null,
  primary key (bulk_import_id, row, ordinal));
"""

HEARTBEAT = """
create table worker_heartbeat (
  worker uuid primary key,
  started_at timestamptz not null,
  seen_at timestamptz not null);
"""


def once(sql: str) -> ops.RunSQL:
    return ops.RunSQL(sql, reverse_sql=ops.RunSQL.noop)


class Migration(migrations.Migration):
    dependencies = [("models", "0001_tables")]

    operations = [
        once(EXTENSIONS),
        once(UUIDV7),
        once(DEFAULTS),
        once(FOLD),
        once(SEARCH_COLUMNS),
        once(CUSTOMER_INDEXES),
        once(INVITATION_INDEXES),
        once(MEMBERSHIP_LIMITS),
        once(COUNTERS),
        once(IMPORT_TABLES),
        once(HEARTBEAT),
    ]
