"""How far invitations have come, counted by days; and one running row for each client of an agency."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

FUNNEL = """
create table funnel_mark (
  invitation_id uuid primary key references invitation on delete cascade,
  account_id uuid not null references account on delete cascade,
  location_id uuid not null references location on delete cascade,
  day date,
  opened boolean not null,
  clicked boolean not null,
  platform_chosen boolean not null,
  nps_score smallint,
  reviewed boolean not null,
  rating numeric);
create index funnel_mark_account on funnel_mark (account_id, day);
create table funnel_day (
  account_id uuid not null references account on delete cascade,
  day date not null,
  location_id uuid references location on delete cascade,
  invited int not null,
  delivered int not null,
  opened int not null,
  clicked int not null,
  platform_chosen int not null,
  nps_submitted int not null,
  nps_sum int not null,
  promoters int not null,
  detractors int not null,
  reviewed int not null,
  rated int not null,
  rating_sum numeric not null,
  unique nulls not distinct (account_id, day, location_id));
comment on column funnel_day.location_id is 'Null: what all clients of the account, an agency, have done together';
create index review_invitation on review (invitation_id, reviewed_on desc) where invitation_id is not null;
"""

CLIENTS = """
create table agency_client (
  account_id uuid primary key references account on delete cascade,
  agency_id uuid not null references account on delete cascade,
  name_key text not null,
  cycle_starts_on date not null,
  resets_at timestamptz not null,
  invited int not null,
  allowance int not null,
  nps_submitted int not null,
  promoters int not null,
  detractors int not null,
  rated int not null,
  rating_sum numeric not null,
  allowance_used float8 generated always as (case when allowance > 0 then invited::float8 / allowance end) stored,
  nps float8 generated always as (
    case when nps_submitted > 0 then (promoters - detractors)::float8 * 100 / nps_submitted end) stored,
  rating float8 generated always as (case when rated > 0 then (rating_sum / rated)::float8 end) stored);
create index agency_client_agency on agency_client (agency_id, name_key, account_id);
create index agency_client_reset on agency_client (resets_at);
"""

# What happened before there were counters. Reviews belong to the invitation of their event.
HISTORY = """
update review r set invitation_id = e.invitation_id from activity_event e
where e.kind = 'REVIEW_LINKED' and e.customer_id = r.customer_id and e.platform_id = r.platform_id;
insert into funnel_mark
select i.id, i.account_id, i.location_id, (i.first_sent_at at time zone a.time_zone)::date,
  exists (select 1 from activity_event e where e.invitation_id = i.id and e.kind = 'OPENED' and e.actor_kind <> 'LIKELY_MACHINE'),
  exists (select 1 from activity_event e
    where e.invitation_id = i.id and e.kind = 'LINK_CLICKED' and e.actor_kind <> 'LIKELY_MACHINE'),
  exists (select 1 from activity_event e where e.invitation_id = i.id and e.kind = 'PLATFORM_CHOSEN'),
  (select e.nps_score from activity_event e where e.invitation_id = i.id and e.kind = 'NPS_SUBMITTED'
    order by e.occurred_at desc, e.id desc limit 1),
  exists (select 1 from review r where r.invitation_id = i.id),
  (select r.rating from review r where r.invitation_id = i.id order by r.reviewed_on desc, r.id desc limit 1)
from invitation i join account a on a.id = i.account_id where i.first_sent_at is not null;
insert into funnel_day
select m.account_id, m.day, m.location_id, count(*), count(*), count(*) filter (where opened), count(*) filter (where clicked),
  count(*) filter (where platform_chosen), count(nps_score), coalesce(sum(nps_score), 0),
  count(*) filter (where nps_score >= 9), count(*) filter (where nps_score <= 6), count(*) filter (where reviewed),
  count(rating), coalesce(sum(rating), 0)
from funnel_mark m group by m.account_id, m.day, m.location_id;
insert into funnel_day
select a.agency_id, d.day, null, sum(invited), sum(delivered), sum(opened), sum(clicked), sum(platform_chosen),
  sum(nps_submitted), sum(nps_sum), sum(promoters), sum(detractors), sum(reviewed), sum(rated), sum(rating_sum)
from funnel_day d join account a on a.id = d.account_id where a.agency_id is not null group by a.agency_id, d.day;
-- Due at once, so that upkeep works out the cycle and the allowance.
insert into agency_client
select a.id, a.agency_id, public.plaudit_fold(a.name), '-infinity', '-infinity', 0, 0, coalesce(sum(d.nps_submitted), 0),
  coalesce(sum(d.promoters), 0), coalesce(sum(d.detractors), 0), coalesce(sum(d.rated), 0), coalesce(sum(d.rating_sum), 0)
from account a left join funnel_day d on d.account_id = a.id and d.location_id is not null
where a.agency_id is not null group by a.id;
"""

# Of one whose only message is UNKNOWN the answer window ends too, and it is no ACTIVE one.
ANSWERS = """
drop index invitation_answer;
create index invitation_answer on invitation (answer_until)
  where state in ('QUEUED', 'ACTIVE', 'HELD') and answer_until is not null;
"""

LANES = """
-- How often in a row the relay has refused a lane's sender.
alter table lane add column refusals smallint not null default 0;
"""


def once(sql: str) -> ops.RunSQL:
    return ops.RunSQL(sql, reverse_sql=ops.RunSQL.noop)


class Migration(migrations.Migration):
    dependencies = [("models", "0002_what_the_models_cannot_say")]

    operations = [
        ops.AddField(model_name="Review", name="invitation_id", field=fields.UUIDField(null=True)),
        once(FUNNEL),
        once(CLIENTS),
        once(HISTORY),
        once(ANSWERS),
        once(LANES),
    ]
