/** One customer in detail, in four statements. */
import { readFileSync } from "node:fs";
import { keyOf, publicId, rows } from "./database.mjs";

const TIME_ZONE = "select time_zone from account where id = $1";
const CUSTOMER = readFileSync(new URL("customer.sql", import.meta.url), "utf8");
const MESSAGES = `
select 'msg_' || replace(id::text, '-', '') as id, step, channel, case state when 'CLAIMED' then 'SCHEDULED' else state end,
  due_at as "dueAt", sent_at as "sentAt", reply
from message where invitation_id = $1 order by step
`;
const EVENTS = readFileSync(new URL("events.sql", import.meta.url), "utf8");

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
