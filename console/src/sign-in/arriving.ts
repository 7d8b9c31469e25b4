/** Signs in with what the address brings, and says how that goes. */
import { useSyncExternalStore } from "react";
import { go } from "../address";
import { type Refusal, signIn } from "../session";
import { type Arrival, arrivalAt } from "./arrival";
import { endAttempt, knownBrowserSecret, takePlace } from "./secrets";

/** `unknown`: a persona that the demo does not have. */
type State = { isArriving: boolean; refusal: Refusal | null; unknown: string | null };
const NOTHING: State = { isArriving: false, refusal: null, unknown: null };

let state = NOTHING;
const followers = new Set<() => void>();

function become(next: State): void {
  state = next;
  for (const follower of followers) follower();
}

/** At the start, and when a link is opened in a tab that is already here. */
export function arrive(): void {
  const arrival = arrivalAt(location);
  if (!arrival) return;
  go(arrival.way === "persona" ? arrival.rest : "/", { replace: true }); // what it brought is forgotten before anything else happens
  become({ ...NOTHING, isArriving: true });
  void finish(arrival).then((found) => become({ ...NOTHING, ...found }));
}

async function finish(arrival: Arrival): Promise<Partial<State>> {
  if (arrival.way === "link") return { refusal: await withLink(arrival.token) };
  if (arrival.way === "provider") return { refusal: await withProvider(arrival.returned) };
  const { persona } = arrival;
  return (await signIn("persona", { persona })) === null ? {} : { unknown: persona };
}

async function withLink(token: string): Promise<Refusal | null> {
  const refusal = await signIn("link", { token, browser: knownBrowserSecret() });
  const from = refusal === null ? takePlace() : null;
  if (from) go(from, { replace: true });
  return refusal;
}

async function withProvider(returned: Record<string, string>): Promise<Refusal | null> {
  const attempt = endAttempt();
  if (!attempt || !returned.code) return "NOT_SIGNED_IN";
  const refusal = await signIn("provider", { ...returned, secret: attempt.secret });
  go(attempt.from, { replace: true });
  return refusal;
}

export function useArriving(): State {
  return useSyncExternalStore(
    (follower) => {
      followers.add(follower);
      return () => followers.delete(follower);
    },
    () => state,
  );
}
