/** Signs in with what the address brings, and says how that goes. */
import { useSyncExternalStore } from "react";
import { go } from "../address";
import { type Refusal, signIn } from "../session";
import { type Arrival, arrivalAt } from "./arrival";
import { endAttempt, knownBrowserSecret, takePlace } from "./secrets";

type State = { isArriving: boolean; refusal: Refusal | null };

let state: State = { isArriving: false, refusal: null };
const followers = new Set<() => void>();

function become(next: State): void {
  state = next;
  for (const follower of followers) follower();
}

/** At the start, and when a link is opened in a tab that is already here. */
export function arrive(): void {
  const arrival = arrivalAt(location);
  if (!arrival) return;
  go("/", { replace: true }); // the address is forgotten before anything else happens
  become({ isArriving: true, refusal: null });
  void finish(arrival).then((refusal) => become({ isArriving: false, refusal }));
}

async function finish(arrival: Arrival): Promise<Refusal | null> {
  return arrival.way === "link" ? withLink(arrival.token) : withProvider(arrival.returned);
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
