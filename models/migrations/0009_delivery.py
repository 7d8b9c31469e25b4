"""What holds lanes back and in whose words; suppressions by keyed hash, and those that were lifted; bounces by day; workers' relays."""

import secrets
from uuid import uuid4

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import UniqueConstraint

from models.migrations import Known
from models.rules.enums import Channel, HoldReason, SuppressionReason

OPEN, WALLED = "plaudit_gateway", "plaudit_gateway_walled"
NAMED = "account_id = any((select string_to_array(current_setting('plaudit.accounts', true), ','))::uuid[])"

LANES = """
alter table lane
  add column held_by text generated always as (coalesce(flag, case when quiet_since is not null then 'TRANSPORT_QUIET' end)) stored,
  add column held_since timestamptz generated always as (coalesce(flagged_at, quiet_since)) stored;
drop index lane_flagged;
create index lane_held on lane (account_id) where held_by is not null;
"""

# Double hashing, since a single one could be extended. The key is part of the function, and so of every backup, and does not change
# with PLAUDIT_SECRET: without the addresses, the hashes could not be written anew.
ADDRESS_KEY = """
create function public.plaudit_address_key(address text) returns bytea language sql immutable strict parallel safe as
  $f$ select sha256('\\x{outer}'::bytea || sha256('\\x{inner}'::bytea || convert_to(address, 'UTF8'))) $f$;
"""

SUPPRESSIONS = """
alter table suppression add column address_key bytea;
update suppression set address_key = public.plaudit_address_key(hint), hint = case channel
  when 'EMAIL' then left(hint, 1) || '***' || substring(hint from '@.*$') else left(hint, 3) || '***' || right(hint, 2) end;
alter table suppression alter column address_key set not null;
create index suppression_newest on suppression (account_id, created_at desc, id desc);
"""

UNKNOWN = "create index message_unknown on message (account_id, due_at) where state = 'UNKNOWN';"

BOUNCES = """
create table bounce_day (
  account_id uuid not null references account on delete cascade,
  location_id uuid not null references location on delete cascade,
  day date not null,
  bounced int not null default 0,
  complained int not null default 0,
  primary key (location_id, day));
comment on column bounce_day.day is 'In the account''s time zone';
"""

WORKERS = "alter table worker_heartbeat add column relay text, add column relay_reply text;"


def walled(table: str) -> str:
    return f"""
    alter table {table} enable row level security;
    create policy open on {table} to {OPEN} using (true) with check (true);
    create policy walled on {table} to {WALLED} using ({NAMED}) with check ({NAMED});
    """


class Migration(migrations.Migration):
    dependencies = [("models", "0008_days_of_accounts")]

    operations = [
        ops.RunSQL(
            ADDRESS_KEY.format(outer=secrets.token_hex(32), inner=secrets.token_hex(32)), reverse_sql=ops.RunSQL.noop
        ),
        ops.CreateModel(
            name="LiftedSuppression",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                (
                    "account",
                    fields.ForeignKeyField(
                        "models.Account",
                        source_field="account_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "channel",
                    fields.CharEnumField(description="EMAIL: EMAIL\nSMS: SMS", enum_type=Channel, max_length=10),
                ),
                ("address_key", fields.BinaryField()),
                ("hint", fields.TextField(unique=False)),
                (
                    "reason",
                    fields.CharEnumField(
                        description="UNSUBSCRIBED: UNSUBSCRIBED\nCUSTOMER_ASKED: CUSTOMER_ASKED",
                        enum_type=SuppressionReason,
                        max_length=20,
                    ),
                ),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("lifted_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("lifted_by", fields.TextField(unique=False)),
                ("lifted_because", fields.TextField(unique=False)),
            ],
            options={
                "table": "lifted_suppression",
                "app": "models",
                "pk_attr": "id",
                "table_description": "A suppression that was a mistake",
            },
            bases=["Model"],
        ),
        ops.AlterField(
            model_name="Lane",
            name="flag",
            field=fields.CharEnumField(
                null=True,
                description="ALLOWANCE: ALLOWANCE\nOVERDUE: OVERDUE\nSENDER_INCOMPLETE: SENDER_INCOMPLETE\nTRANSPORT_QUIET: TRANSPORT_QUIET\nBOUNCE_RATE: BOUNCE_RATE\nCOMPLAINT_RATE: COMPLAINT_RATE",
                enum_type=HoldReason,
                max_length=30,
            ),
        ),
        ops.AddField(
            model_name="Lane",
            name="quiet_since",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="Lane",
            name="reply",
            field=fields.TextField(null=True, unique=False),
        ),
        ops.AddField(
            model_name="Location",
            name="counted_from",
            field=fields.DateField(null=True),
        ),
        ops.AddField(
            model_name="Location",
            name="held_by",
            field=fields.CharEnumField(
                null=True,
                description="ALLOWANCE: ALLOWANCE\nOVERDUE: OVERDUE\nSENDER_INCOMPLETE: SENDER_INCOMPLETE\nTRANSPORT_QUIET: TRANSPORT_QUIET\nBOUNCE_RATE: BOUNCE_RATE\nCOMPLAINT_RATE: COMPLAINT_RATE",
                enum_type=HoldReason,
                max_length=30,
            ),
        ),
        ops.RemoveConstraint(
            model_name="Suppression",
            name=None,
            fields=["account_id", "channel", "address"],
        ),
        ops.RenameField(
            model_name="Suppression",
            old_name="address",
            new_name="hint",
        ),
        ops.RunSQL(SUPPRESSIONS, reverse_sql=ops.RunSQL.noop),
        Known(
            model_name="Suppression",
            name="address_key",
            field=fields.BinaryField(),
        ),
        ops.AddField(
            model_name="Suppression",
            name="actor",
            field=fields.TextField(null=True, unique=False),
        ),
        ops.AddField(
            model_name="Suppression",
            name="message_id",
            field=fields.UUIDField(null=True),
        ),
        ops.AddField(
            model_name="Suppression",
            name="note",
            field=fields.TextField(null=True, unique=False),
        ),
        ops.AddConstraint(
            model_name="Suppression",
            constraint=UniqueConstraint(fields=("account_id", "channel", "address_key"), name=None),
        ),
        ops.RunSQL(
            LANES + UNKNOWN + BOUNCES + WORKERS + walled("bounce_day") + walled("lifted_suppression"),
            reverse_sql=ops.RunSQL.noop,
        ),
    ]
