/** How streams come back after a lost connection: soon, then less often, and at once when the browser is online again. */
import { useSyncExternalStore } from "react";

const FIRST_MS = 500;
const LONGEST_MS = 8_000;
/** Refusals that pass: too many streams, and what a proxy answers while the gateway is away. */
const PASSING = 429;
const LOWEST_OF_SERVER = 500;

let isLost = false;
const followers = new Set<() => void>();

function change(next: boolean): void {
  isLost = next;
  for (const follower of followers) follower();
}

/** Between half the time and all of it, so that not everybody comes back at once after a restart. */
export function waitMs(attempts: number, random = Math.random()): number {
  return Math.min(FIRST_MS * 2 ** attempts, LONGEST_MS) * (0.5 + random / 2);
}

/** Waits before the next attempt. */
export function untilNextAttempt(attempts: number): Promise<void> {
  change(true);
  return new Promise((resolve) => {
    const timer = setTimeout(done, waitMs(attempts));
    addEventListener("online", done);
    function done() {
      clearTimeout(timer);
      removeEventListener("online", done);
      resolve();
    }
  });
}

/** Before a stream begins, a refusal is JSON of its own; here it becomes the only event of the stream. */
export async function connect(address: string | URL, init: RequestInit): Promise<Response> {
  const response = await fetch(address, init);
  const { status } = response;
  if (response.ok || status === PASSING || status >= LOWEST_OF_SERVER) return response;
  const refusal = await response.json().catch(() => ({ errors: [{ message: response.statusText }] }));
  return new Response(`event: next\ndata: ${JSON.stringify(refusal)}\n\nevent: complete\ndata:\n\n`);
}

export function reconnected(): void {
  if (isLost) change(false);
}

function follow(follower: () => void): () => void {
  followers.add(follower);
  addEventListener("online", follower);
  addEventListener("offline", follower);
  return () => {
    followers.delete(follower);
    removeEventListener("online", follower);
    removeEventListener("offline", follower);
  };
}

export function useIsOnline(): boolean {
  return useSyncExternalStore(follow, () => navigator.onLine);
}

/** Whether streams wait to come back. */
export function useIsLost(): boolean {
  return useSyncExternalStore(follow, () => isLost || !navigator.onLine);
}
