/** The GraphQL client: a normalised cache, HTTP for queries and mutations, server-sent events for subscriptions. */
import { cacheExchange } from "@urql/exchange-graphcache";
import {
  Client,
  CombinedError,
  fetchExchange,
  mapExchange,
  type OperationResult,
  subscriptionExchange,
} from "urql";
import { endSession, session } from "../session";
import { nullAt } from "./nulls";
import { optimistic } from "./optimistic";
import { shownExchange } from "./shown";
import { createStreams } from "./streams";

const ADDRESS = "/graphql";
const WITHOUT_KEY = [
  "AccountCapabilities",
  "ActivityDay",
  "AgencyClient",
  "AgencyTotals",
  "BulkImportPayload",
  "Capability",
  "Count",
  "ImportColumn",
  "ImportCycle",
  "ImportForecast",
  "ImportPreview",
  "ImportPreviewWarning",
  "ImportProgress",
  "ImportRowError",
  "ImportRowWarning",
  "InvitationFunnel",
  "PageInfo",
  "PreviewBulkImportPayload",
  "SendSpeed",
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

/** The result with the path of each error leading to the null that it has left, of which the cache then keeps nothing. */
function errorsAtNulls(result: OperationResult): OperationResult {
  const { data, error } = result;
  if (!error || error.networkError) return result;
  const graphQLErrors = error.graphQLErrors.map(({ message, path, extensions }) => ({
    message,
    extensions,
    path: nullAt(data, path ?? []),
  }));
  return { ...result, error: new CombinedError({ graphQLErrors, response: error.response }) };
}

export function createClient(): Client {
  const streams = createStreams(ADDRESS, authorization);
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
      shownExchange,
      cacheExchange({
        keys: Object.fromEntries(WITHOUT_KEY.map((name) => [name, embedded])),
        optimistic,
      }),
      mapExchange({ onResult: errorsAtNulls }),
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
