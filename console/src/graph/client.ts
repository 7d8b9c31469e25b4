/** The GraphQL client: a normalised cache, HTTP for queries and mutations, server-sent events for subscriptions. */
import { cacheExchange } from "@urql/exchange-graphcache";
import { createClient as createStreams } from "graphql-sse";
import { Client, fetchExchange, mapExchange, subscriptionExchange } from "urql";
import { endSession, session } from "../session";

const ADDRESS = "/graphql";
const WITHOUT_KEY = [
  "AccountCapabilities",
  "ActivityDay",
  "AgencyClient",
  "AgencyTotals",
  "Capability",
  "Count",
  "ImportProgress",
  "InvitationFunnel",
  "PageInfo",
  "UsageSummary",
  "UserError",
  "Viewer",
  "Membership",
]; // prettier-ignore

function authorization(): Record<string, string> {
  const token = session()?.token;
  return token ? { Authorization: `Bearer ${token}` } : {};
}

function embedded(): null {
  return null;
}

export function createClient(): Client {
  const streams = createStreams({ url: ADDRESS, headers: authorization, retryAttempts: 1000 });
  return new Client({
    url: ADDRESS,
    preferGetMethod: false,
    fetchOptions: () => ({ headers: authorization() }),
    exchanges: [
      mapExchange({
        onError(error) {
          if (error.graphQLErrors.some((one) => one.extensions.code === "UNAUTHENTICATED"))
            endSession("ended");
        },
      }),
      cacheExchange({
        keys: Object.fromEntries(WITHOUT_KEY.map((name) => [name, embedded])),
      }),
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query, variables }) => ({
          subscribe: (sink) => ({
            unsubscribe: streams.subscribe({ query: query ?? "", variables: variables ?? {} }, sink as never),
          }),
        }),
      }),
    ],
  });
}
