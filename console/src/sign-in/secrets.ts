/** Random secrets that tie a sign-in to this browser or tab: the gateway keeps at most their hashes. */
import { ofBrowser, ofTab } from "../storage";

const BROWSER = "plaudit.browser";
const FROM = "plaudit.from";
const ATTEMPT = "plaudit.attempt";
const BYTES = 32;

export type Attempt = { secret: string; from: string };

function newSecret(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(BYTES));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Sent with the wish for a link, which then works in this browser alone: links open in a tab of their own. It stays, as links may
 * have been asked for in several tabs. */
export function browserSecret(): string {
  const secret = ofBrowser.get(BROWSER) ?? newSecret();
  ofBrowser.set(BROWSER, secret);
  return secret;
}

export function knownBrowserSecret(): string | null {
  return ofBrowser.get(BROWSER);
}

/** Where to go on once the link is opened. */
export function rememberPlace(from: string): void {
  ofBrowser.set(FROM, from);
}

export function takePlace(): string | null {
  const from = ofBrowser.get(FROM);
  ofBrowser.set(FROM, null);
  return from;
}

/** A sign-in at the provider, which returns to this tab; `from` is where to go on then. */
export function beginAttempt(from: string): Attempt {
  const attempt = { secret: newSecret(), from };
  ofTab.set(ATTEMPT, JSON.stringify(attempt));
  return attempt;
}

/** The attempt that has returned; there is none in another tab. */
export function endAttempt(): Attempt | null {
  const stored = ofTab.get(ATTEMPT);
  ofTab.set(ATTEMPT, null);
  return stored ? (JSON.parse(stored) as Attempt) : null;
}
