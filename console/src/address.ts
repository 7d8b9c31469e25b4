/** The view's state in the address, so that it can be shared and the Back button works. */
import { useMemo, useSyncExternalStore } from "react";

export type Address = { path: string; params: URLSearchParams };

const CHANGED = "plaudit:address";

function follow(follower: () => void): () => void {
  addEventListener("popstate", follower);
  addEventListener(CHANGED, follower);
  return () => {
    removeEventListener("popstate", follower);
    removeEventListener(CHANGED, follower);
  };
}

export function useAddress(): Address {
  const path = useSyncExternalStore(follow, () => location.pathname);
  const search = useSyncExternalStore(follow, () => location.search);
  return useMemo(() => ({ path, params: new URLSearchParams(search) }), [path, search]);
}

/** Goes to an address; `replace` leaves no step for the Back button, as while somebody types. */
export function go(to: string, { replace = false } = {}): void {
  if (replace) history.replaceState(null, "", to);
  else history.pushState(null, "", to);
  dispatchEvent(new Event(CHANGED));
}

/** The present address with other parameters; null and "" remove one. */
export function withParams(changes: Record<string, string | null>): string {
  const params = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(changes)) {
    if (value) params.set(name, value);
    else params.delete(name);
  }
  const query = params.toString();
  return query ? `${location.pathname}?${query}` : location.pathname;
}
