/** What is on screen: asked for again when somebody looks at it again, as others and other tabs may have changed it, and kept
 * when the answer does not come. */
import type { Client, Exchange, Operation, OperationResult } from "urql";
import { map, pipe, tap } from "wonka";

const GONE = "plaudit:gone";
/** The shortest time between two looks; a switch of tabs is one, though it is both a focus and a change of visibility. */
const LEAST_MS = 1_000;

/** Asks for all that is on screen, since something of it is not there any more. */
export function askAgain(): void {
  dispatchEvent(new Event(GONE));
}

export const shownExchange: Exchange =
  ({ client, forward }) =>
  (operations) => {
    const shown = new Map<number, Operation>();
    const answers = new Map<number, OperationResult["data"]>();
    const note = (operation: Operation) => {
      const { key, kind } = operation;
      if (kind === "query") shown.set(key, operation);
      if (kind === "teardown") for (const one of [shown, answers]) one.delete(key);
    };
    const keep = (result: OperationResult) => {
      const { key, kind } = result.operation;
      if (kind !== "query") return result;
      if (result.error && !result.data) return { ...result, data: answers.get(key) };
      if (shown.has(key)) answers.set(key, result.data);
      return result;
    };
    follow(() => ask(client, shown.values()));
    return pipe(operations, tap(note), forward, map(keep));
  };

function ask(client: Client, operations: Iterable<Operation>): void {
  for (const { context, ...request } of operations)
    client.reexecuteOperation(
      client.createRequestOperation("query", request, { ...context, requestPolicy: "network-only" }),
    );
}

function follow(look: () => void): void {
  let last = Number.NEGATIVE_INFINITY;
  let timer: ReturnType<typeof setTimeout>;
  const lookAgain = () => {
    if (document.hidden) return;
    clearTimeout(timer);
    timer = setTimeout(
      () => {
        last = performance.now();
        look();
      },
      Math.max(0, last + LEAST_MS - performance.now()),
    );
  };
  document.addEventListener("visibilitychange", lookAgain);
  addEventListener("focus", lookAgain);
  addEventListener("online", look);
  addEventListener(GONE, look);
}
