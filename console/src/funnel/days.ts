/** A period of days, as its address says it, and rules of such periods. */
export type Days = { since: string | null; until: string | null };

const DAY_MS = 24 * 60 * 60 * 1000;

/** Whether it is a day from 1900 on, and not one whose year is still being typed. */
export function isDay(text: string): boolean {
  return /^(19|[2-9]\d)\d\d-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text));
}

export function readDays(params: URLSearchParams): Days {
  return { since: dayIn(params, "since"), until: dayIn(params, "until") };
}

function dayIn(params: URLSearchParams, name: string): string | null {
  const text = params.get(name) ?? "";
  return isDay(text) ? text : null;
}

/** Whether the first day is after the last one. */
export function isReversed({ since, until }: Days): boolean {
  return since !== null && until !== null && since > until;
}

export function isAllTime({ since, until }: Days): boolean {
  return since === null && until === null;
}

/** So many days up to today. */
export function lastDays(count: number, today: string): Days {
  const since = new Date(Date.parse(today) - (count - 1) * DAY_MS);
  return { since: since.toISOString().slice(0, 10), until: null };
}

/** The day that it is in a time zone, or here. */
export function today(timeZone: string | undefined, now = new Date()): string {
  return new Intl.DateTimeFormat("en-CA", { timeZone, dateStyle: "short" }).format(now);
}
