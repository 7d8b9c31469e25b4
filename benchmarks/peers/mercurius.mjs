/** mercurius with graphql-jit, over hand-written statements. */
import { readFileSync } from "node:fs";
import Fastify from "fastify";
import mercurius from "mercurius";
import * as clients from "./clients.mjs";
import * as customers from "./customers.mjs";
import * as detail from "./detail.mjs";

const resolvers = {
  Query: {
    account: (_, { id }) => ({ id }),
    agency: (_, { id }) => ({ id }),
  },
  Account: {
    timeZone: detail.timeZone,
    usage: customers.usage,
    customer: detail.customer,
    customers: customers.page,
  },
  Customer: { activityByDay: detail.activityByDay },
  Invitation: { messages: detail.messages },
  Agency: { name: clients.nameOf, clients: clients.page },
};
const schema = readFileSync(new URL("schema.graphql", import.meta.url), "utf8");

const app = Fastify();
app.register(mercurius, { schema, resolvers, jit: 1 });
await app.listen({ host: "127.0.0.1", port: Number(process.env.PORT) });
