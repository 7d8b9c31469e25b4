/** Moments at which days begin in a time zone. */
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** When the day (2026-12-01) begins in the time zone, also where the clocks change on it. */
export function startOf(day: string, timeZone: string): string {
  const wanted = Date.parse(`${day}T00:00:00Z`);
  let moment = wanted - offset(wanted, timeZone);
  // What the offset was a day before and after may differ from it: the second guess has the right one.
  moment = wanted - offset(moment, timeZone);
  return new Date(moment).toISOString();
}

/** When the day after this one begins. */
export function endOf(day: string, timeZone: string): string {
  const next = new Date(Date.parse(`${day}T00:00:00Z`) + DAY_MS).toISOString().slice(0, 10);
  return startOf(next, timeZone);
}

/** By how much the zone's clocks are ahead of UTC, in milliseconds. */
function offset(moment: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "longOffset" }).formatToParts(
    moment,
  );
  const name = parts.find((part) => part.type === "timeZoneName")?.value ?? "GMT";
  const [, sign, hours, minutes] = /GMT([+-])(\d\d):(\d\d)/.exec(name) ?? [];
  const size = (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * MINUTE_MS;
  return sign === "-" ? -size : size;
}
