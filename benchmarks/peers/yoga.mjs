/** graphql-yoga with a DataLoader for each relation, as its guides have it, over prepared statements. */

import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import DataLoader from "dataloader";
import { createSchema, createYoga } from "graphql-yoga";
import { connection, cursorOf, keyOf, publicId, rows } from "./database.mjs";

/** The limit is part of the text: without its value, the planner would read the whole account. */
const customersOf = (limit) => `
select id, first_name as "firstName", last_name as "lastName", email, phone, source, invited_on as "invitedOn",
  nps_score as "npsScore", rating, location_id, latest_invitation_id, latest_review_id
from customer where account_id = $1 order by invited_on desc, id desc limit ${limit}
`;
const USAGE = `
select coalesce(sum(invited), 0)::int as "invitedThisCycle" from account_usage
where account_id = $1 and cycle_starts_on = date_trunc('month', now())::date
`;
const STOPPABLE = new Set(["QUEUED", "ACTIVE", "HELD"]);

function loader(table, columns) {
  const text = `select id, ${columns} from ${table} where id = any($1::uuid[])`;
  return new DataLoader(async (keys) => {
    const found = new Map((await rows(table, text, [keys])).map((row) => [row.id, row]));
    return keys.map((key) => found.get(key) ?? null);
  });
}

const context = () => ({
  locations: loader("location", "name"),
  invitations: loader("invitation", "state"),
  reviews: loader("review", "rating, text, platform_id"),
  platforms: loader("review_platform", "name"),
});

const resolvers = {
  Query: { account: (_, { id }) => ({ id }) },
  Account: {
    usage: async ({ id }) => (await rows("usage", USAGE, [keyOf(id)]))[0],
    customers: async ({ id }, { first }) => {
      const found = await rows(`customers ${first}`, customersOf(first + 1), [keyOf(id)]);
      return connection(
        found.map((node) => ({ cursor: cursorOf(node), node })),
        first,
      );
    },
  },
  Customer: {
    id: ({ id }) => publicId("cus", id),
    location: (customer, _, { locations }) => locations.load(customer.location_id),
    invitation: (customer, _, { invitations }) => invitations.load(customer.latest_invitation_id),
    linkedReview: (customer, _, { reviews }) =>
      customer.latest_review_id && reviews.load(customer.latest_review_id),
  },
  Invitation: {
    id: ({ id }) => publicId("inv", id),
    canStop: ({ state }) => ({ allowed: STOPPABLE.has(state) }),
  },
  LinkedReview: { platform: (review, _, { platforms }) => platforms.load(review.platform_id) },
};

const typeDefs = readFileSync(new URL("schema.graphql", import.meta.url), "utf8");
const yoga = createYoga({
  schema: createSchema({ typeDefs, resolvers }),
  context,
  logging: false,
  graphiql: false,
  landingPage: false,
});
createServer(yoga).listen(Number(process.env.PORT), "127.0.0.1");
