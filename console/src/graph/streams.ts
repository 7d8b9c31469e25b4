/** Live data as server-sent events: connected again when the connection is lost, and with the renewed token when the one that a
 * stream began with expires. What the gateway refuses is told as an error of the stream, not tried again for ever. */
import { createClient, type ExecutionResult, type RequestParams, type Sink } from "graphql-sse";
import { session } from "../session";
import { connect, reconnected, untilNextAttempt } from "./reconnect";

export type Streams = { subscribe: (request: RequestParams, sink: Sink<Result>) => () => void };
type Result = ExecutionResult<Record<string, unknown>, unknown>;

export function createStreams(url: string, headers: () => Record<string, string>): Streams {
  const client = createClient({
    url,
    headers,
    fetchFn: connect,
    retryAttempts: Number.POSITIVE_INFINITY,
    retry: untilNextAttempt,
    on: { connected: reconnected },
  });
  const subscribe: Streams["subscribe"] = (request, sink) => {
    const token = session()?.token;
    let isReplaced = false;
    let stop = client.subscribe<Record<string, unknown>>(request, {
      next(result) {
        if (isReplaced) return;
        isReplaced = isOver(result) && session() !== null && session()?.token !== token;
        if (isReplaced) stop = subscribe(request, sink);
        else sink.next(result);
      },
      error: (error) => isReplaced || sink.error(error),
      complete: () => isReplaced || sink.complete(),
    });
    return () => stop();
  };
  return { subscribe };
}

function isOver(result: Result): boolean {
  return !!result.errors?.some((one) => one.extensions?.code === "UNAUTHENTICATED");
}
