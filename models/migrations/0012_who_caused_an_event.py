"""What is learned later about who caused an event; whoever reached a stage of the funnel has reached those before it; and which
suppression a message's link made."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

OPEN, WALLED = "plaudit_gateway", "plaudit_gateway_walled"
NAMED = "account_id = any((select string_to_array(current_setting('plaudit.accounts', true), ','))::uuid[])"

VERDICTS = f"""
create table event_verdict (
  event_id uuid primary key references activity_event on delete cascade,
  account_id uuid not null references account on delete cascade,
  actor_kind text not null,
  decided_at timestamptz not null);
comment on table event_verdict is 'Who caused an event, where that was learned later: events are only ever added';
create index event_verdict_account on event_verdict (account_id);
alter table event_verdict enable row level security;
create policy open on event_verdict to {OPEN} using (true) with check (true);
create policy walled on event_verdict to {WALLED} using ({NAMED}) with check ({NAMED});
"""

# An answer proves a click. A mark says what was seen, the days count how far it came.
FUNNEL = """
update funnel_mark k set clicked = true
where not clicked and (platform_chosen or nps_score is not null
  or exists (select from message m where m.invitation_id = k.invitation_id and m.human_at is not null));
update funnel_day f set opened = r.opened, clicked = r.clicked from (
  select account_id, location_id, day,
    count(*) filter (where opened or clicked or reviewed) as opened, count(*) filter (where clicked or reviewed) as clicked
  from funnel_mark where day is not null group by account_id, location_id, day) r
where f.account_id = r.account_id and f.location_id = r.location_id and f.day = r.day
  and (f.opened, f.clicked) is distinct from (r.opened, r.clicked);
update funnel_day f set opened = s.opened, clicked = s.clicked from (
  select a.agency_id, d.day, sum(d.opened) as opened, sum(d.clicked) as clicked
  from funnel_day d join account a on a.id = d.account_id
  where a.agency_id is not null and d.location_id is not null group by a.agency_id, d.day) s
where f.account_id = s.agency_id and f.location_id is null and f.day = s.day
  and (f.opened, f.clicked) is distinct from (s.opened, s.clicked);
"""

SUPPRESSIONS = "create index suppression_message on suppression (message_id) where message_id is not null;"


class Migration(migrations.Migration):
    dependencies = [("models", "0011_letters")]

    operations = [
        ops.AddField(model_name="Message", name="unsubscribe_seen_at", field=fields.DatetimeField(null=True)),
        ops.RunSQL(VERDICTS + FUNNEL + SUPPRESSIONS, reverse_sql=ops.RunSQL.noop),
    ]
