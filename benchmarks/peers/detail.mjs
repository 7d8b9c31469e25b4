/** One customer in detail, in four statements. */
import { keyOf, publicId, rows } from "./database.mjs";

const TIME_ZONE = "select time_zone from account where id = $1";
const CUSTOMER = `
select a.time_zone, c.id, c.first_name, c.last_name, c.email, c.phone, c.invited_on, c.source, c.nps_score,
  l.id as l_id, l.name as l_name, l.time_zone as l_time_zone,
  r.id as r_id, r.reviewer_name, r.reviewed_on, r.rating, r.text, r.sentiment, r.reply_url, p.key as p_key, p.name as p_name,
  i.id as i_id, case when n.held_by is not null then 'HELD' else i.state end as state,
  case when n.held_by is not null then n.reply end as reply, n.due_at, i.employee, i.service, i.import_name
from customer c join account a on a.id = c.account_id
join location l on l.id = c.location_id
join invitation i on i.id = c.latest_invitation_id
left join review r on r.id = c.latest_review_id
left join review_platform p on p.id = r.platform_id
left join lateral (
  select m.due_at, la.held_by, la.reply from message m join lane la on la.id = m.lane_id
  where m.invitation_id = i.id and m.state in ('SCHEDULED', 'CLAIMED', 'DEFERRED') order by m.step limit 1
) n on i.state in ('QUEUED', 'ACTIVE')
where c.account_id = $1 and c.id = $2
`;
const MESSAGES = `
select 'msg_' || replace(id::text, '-', '') as id, step, channel, case state when 'CLAIMED' then 'SCHEDULED' else state end,
  due_at as "dueAt", sent_at as "sentAt", reply
from message where invitation_id = $1 order by step
`;
const EVENTS = `
select * from (
  select (e.occurred_at at time zone $2)::date as day, e.id, e.kind, e.occurred_at, e.channel, e.nps_score, e.feedback, e.actor,
    coalesce(v.actor_kind, case when e.actor_kind = 'UNKNOWN' and e.kind = 'LINK_CLICKED' and m.human_at >= e.occurred_at
      then 'HUMAN' else e.actor_kind end) as actor_kind,
    p.key, p.name, dense_rank() over (order by (e.occurred_at at time zone $2)::date desc) as number
  from activity_event e
  left join review_platform p on p.id = e.platform_id
  left join message m on m.id = e.message_id
  left join event_verdict v on v.event_id = e.id
  where e.customer_id = $1
) numbered where number <= $3 order by occurred_at desc, id desc
`;

const reviewOf = (row) => ({
  id: publicId("rev", row.r_id),
  reviewerName: row.reviewer_name,
  reviewedOn: row.reviewed_on,
  npsScore: row.nps_score,
  rating: row.rating,
  text: row.text,
  sentiment: row.sentiment,
  replyUrl: row.reply_url,
  platform: { key: row.p_key, name: row.p_name },
});

const customerOf = (row) => ({
  id: publicId("cus", row.id),
  firstName: row.first_name,
  lastName: row.last_name,
  email: row.email,
  phone: row.phone,
  invitedOn: row.invited_on,
  source: row.source,
  location: { id: publicId("loc", row.l_id), name: row.l_name, timeZone: row.l_time_zone },
  linkedReview: row.r_id && reviewOf(row),
  invitation: {
    id: publicId("inv", row.i_id),
    state: row.state,
    stateDetail: row.reply,
    nextMessageAt: row.due_at,
    employee: row.employee,
    service: row.service,
    importName: row.import_name,
  },
  accountTimeZone: row.time_zone,
});

const eventOf = (row) => ({
  id: publicId("evt", row.id),
  kind: row.kind,
  occurredAt: row.occurred_at,
  channel: row.channel,
  npsScore: row.nps_score,
  feedback: row.feedback,
  actor: row.actor,
  actorKind: row.actor_kind,
  platform: row.key && { key: row.key, name: row.name },
});

export const timeZone = async ({ id }) => (await rows("time zone", TIME_ZONE, [keyOf(id)]))[0].time_zone;

export async function customer(account, { id }) {
  const [row] = await rows("customer", CUSTOMER, [keyOf(account.id), keyOf(id)]);
  return row && customerOf(row);
}

export const messages = ({ id }) => rows("messages", MESSAGES, [keyOf(id)]);

export async function activityByDay({ id, accountTimeZone }, { first }) {
  const days = [];
  for (const row of await rows("events", EVENTS, [keyOf(id), accountTimeZone, first])) {
    if (days.at(-1)?.date !== row.day) days.push({ date: row.day, events: [] });
    days.at(-1).events.push(eventOf(row));
  }
  return days;
}
