/** Who is signed in. The token lives in this tab alone: never in a cookie, never in an address. */
import { useSyncExternalStore } from "react";
import { expiresHere } from "./expires";
import { ofTab } from "./storage";

/** `began` tells sessions apart, also two of members with the same name. `expires` is by this browser's clock. */
export type Session = { token: string; expires: number; name: string; began: number };
/** Why nobody was signed in: a code of the gateway, or UNREACHABLE. */
export type Refusal = string;
export type WhyEnded = "left" | "ended";

const KEY = "plaudit.session";
const RENEW_BEFORE_MS = 10 * 60 * 1000;
const CHECK_MS = 60 * 1000;

let current: Session | null = read();
let because: WhyEnded = "left";
const followers = new Set<() => void>();

function read(): Session | null {
  try {
    return JSON.parse(ofTab.get(KEY) ?? "null") as Session | null;
  } catch {
    return null; // not written by this console
  }
}

function change(next: Session | null): void {
  current = next;
  ofTab.set(KEY, next && JSON.stringify(next));
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

/** Signs in by POST to one of the gateway's ways; returns why not, if it does not succeed. */
export async function signIn(way: string, given: object): Promise<Refusal | null> {
  try {
    const response = await fetch(`/sign-in/${way}`, { method: "POST", body: JSON.stringify(given) });
    if (!response.ok) return await refusalOf(response);
    change(await sessionIn(response, Date.now()));
    return null;
  } catch {
    return "UNREACHABLE";
  }
}

async function sessionIn(response: Response, began: number): Promise<Session> {
  const { token, name, expiresAt } = await response.json();
  return { token, name, began, expires: expiresHere(expiresAt, response.headers.get("Date")) };
}

/** A code of the gateway; a proxy in front of it has none. */
export async function refusalOf(response: Response): Promise<Refusal> {
  if (response.status === 429) return "RATE_LIMITED";
  const body = await response.json().catch(() => null);
  return body?.errors?.[0]?.extensions?.code ?? "UNREACHABLE";
}

/** Renews the token shortly before it expires, as long as the tab is used. */
async function renew(): Promise<void> {
  if (!current || document.hidden || current.expires - Date.now() > RENEW_BEFORE_MS) return;
  const { began, token } = current;
  const headers = { Authorization: `Bearer ${token}` };
  const response = await fetch("/sign-in/renew", { method: "POST", headers });
  const renewed = response.ok ? await sessionIn(response, began) : null;
  if (current?.began !== began) return; // signed out, or in as somebody else meanwhile
  if (response.status === 401) endSession("ended");
  else if (renewed) change(renewed);
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
