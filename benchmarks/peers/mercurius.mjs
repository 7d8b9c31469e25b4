/** mercurius with graphql-jit: one hand-written statement for a page, and one for its usage. */
import { readFileSync } from "node:fs";
import Fastify from "fastify";
import mercurius from "mercurius";
import { connection, keyOf, opened, publicId } from "./database.mjs";

const PAGE = `
select c.id, c.first_name, c.last_name, c.email, c.phone, c.source, c.invited_on, c.nps_score, c.rating, l.name as location,
  i.id as invitation, i.state, r.rating as stars, p.name as platform, r.text
from (select * from customer where account_id = $1 order by invited_on desc, id desc limit $2) c
join location l on l.id = c.location_id
join invitation i on i.id = c.latest_invitation_id
left join review r on r.id = c.latest_review_id
left join review_platform p on p.id = r.platform_id
order by c.invited_on desc, c.id desc
`;
const USAGE = `
select coalesce(sum(invited), 0)::int as "invitedThisCycle" from account_usage
where account_id = $1 and cycle_starts_on = date_trunc('month', now())::date
`;
const STOPPABLE = new Set(["QUEUED", "ACTIVE", "HELD"]);
const rows = opened();

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

const resolvers = {
  Query: { account: (_, { id }) => ({ id }) },
  Account: {
    usage: async ({ id }) => (await rows("usage", USAGE, [keyOf(id)]))[0],
    customers: async ({ id }, { first }) =>
      connection((await rows("page", PAGE, [keyOf(id), first + 1])).map(customerOf), first),
  },
};

const app = Fastify();
app.register(mercurius, { schema: readFileSync(new URL("schema.graphql", import.meta.url), "utf8"), resolvers, jit: 1 });
await app.listen({ host: "127.0.0.1", port: Number(process.env.PORT) });
