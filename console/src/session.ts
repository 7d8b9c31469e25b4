/** Who is signed in. The token lives in this tab alone: never in a cookie, never in an address. */
import { useSyncExternalStore } from "react";

export type Session = { token: string; expiresAt: string; name: string };
export type WhyEnded = "left" | "ended";

const KEY = "plaudit.session";
const RENEW_BEFORE_MS = 10 * 60 * 1000;
const CHECK_MS = 60 * 1000;

let current: Session | null = read();
let because: WhyEnded = "left";
const followers = new Set<() => void>();

function read(): Session | null {
  const stored = sessionStorage.getItem(KEY);
  return stored ? (JSON.parse(stored) as Session) : null;
}

function change(next: Session | null): void {
  current = next;
  if (next) sessionStorage.setItem(KEY, JSON.stringify(next));
  else sessionStorage.removeItem(KEY);
  for (const follower of followers) follower();
}

export function session(): Session | null {
  return current;
}

export function whyEnded(): WhyEnded {
  return because;
}

export function endSession(why: WhyEnded): void {
  because = why;
  if (current) change(null);
}

/** Signs in as a persona of the demo; false if there is none of this name. */
export async function signInAs(persona: string): Promise<boolean> {
  return take(await fetch("/sign-in/persona", { method: "POST", body: JSON.stringify({ persona }) }));
}

async function take(response: Response): Promise<boolean> {
  if (!response.ok) return false;
  change((await response.json()) as Session);
  return true;
}

/** Renews the token shortly before it expires, as long as the tab is used. */
async function renew(): Promise<void> {
  if (!current || document.hidden || Date.parse(current.expiresAt) - Date.now() > RENEW_BEFORE_MS) return;
  const headers = { Authorization: `Bearer ${current.token}` };
  const response = await fetch("/sign-in/renew", { method: "POST", headers });
  if (response.status === 401) endSession("ended");
  else await take(response);
}

export function keepRenewing(): void {
  const check = () => void renew().catch(() => undefined); // offline: the next check tries again
  setInterval(check, CHECK_MS);
  document.addEventListener("visibilitychange", check);
}

export function useSession(): Session | null {
  return useSyncExternalStore((follower) => {
    followers.add(follower);
    return () => followers.delete(follower);
  }, session);
}
