/** Pages of customers: one statement for the page, and one for its usage. */
import { connection, cursorOf, keyOf, positionOf, publicId, rows } from "./database.mjs";

/** The limit is part of the text: without its value, the planner would read the whole account. */
const pageOf = (limit, more) => `
select c.id, c.first_name, c.last_name, c.email, c.phone, c.source, c.invited_on, c.nps_score, c.rating, l.name as location,
  i.id as invitation, i.state, r.rating as stars, p.name as platform, r.text
from (select * from customer where account_id = $1 ${more} order by invited_on desc, id desc limit ${limit}) c
join location l on l.id = c.location_id
join invitation i on i.id = c.latest_invitation_id
left join review r on r.id = c.latest_review_id
left join review_platform p on p.id = r.platform_id
order by c.invited_on desc, c.id desc
`;
const LATER = "and (invited_on, id) < ($2, $3)";
const FOUND = "and search like '%' || public.plaudit_fold($2) || '%'";
const USAGE = `
select coalesce(sum(invited), 0)::int as "invitedThisCycle" from account_usage
where account_id = $1 and cycle_starts_on = date_trunc('month', now())::date
`;
const STOPPABLE = new Set(["QUEUED", "ACTIVE", "HELD"]);

const customerOf = (row) => ({
  id: publicId("cus", row.id),
  firstName: row.first_name,
  lastName: row.last_name,
  email: row.email,
  phone: row.phone,
  source: row.source,
  invitedOn: row.invited_on,
  npsScore: row.nps_score,
  rating: row.rating,
  location: { name: row.location },
  invitation: {
    id: publicId("inv", row.invitation),
    state: row.state,
    canStop: { allowed: STOPPABLE.has(row.state) },
  },
  linkedReview: row.platform && { rating: row.stars, platform: { name: row.platform }, text: row.text },
});

const edgeOf = (row) => {
  const node = customerOf(row);
  return { cursor: cursorOf(node), node };
};

/** What limits a page, with its name and parameters. */
function limitOf({ after, search }) {
  if (after) return ["later", LATER, positionOf(after)];
  return search ? ["found", FOUND, [search]] : ["page", "", []];
}

export async function page({ id }, { first, after, search }) {
  const [name, more, parameters] = limitOf({ after, search });
  const found = await rows(`${name} ${first}`, pageOf(first + 1, more), [keyOf(id), ...parameters]);
  return connection(found.map(edgeOf), first, after ?? null);
}

export const usage = async ({ id }) => (await rows("usage", USAGE, [keyOf(id)]))[0];
