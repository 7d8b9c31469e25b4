/** The texts and formats of the browser's language, or English. */
import { de } from "./de";
import { en, type Texts } from "./en";

const OFFERED: Record<string, Texts> = { de, en };

export const texts: Texts =
  navigator.languages.map((tag) => OFFERED[tag.split("-")[0] ?? ""]).find((one) => one !== undefined) ?? en;

const tag = navigator.languages.find((one) => one.startsWith(texts.language)) ?? texts.language;
const numbers = new Intl.NumberFormat(tag);
const dates = new Map<string, Intl.DateTimeFormat>();

export function number(value: number): string {
  return numbers.format(value);
}

const decimals = new Intl.NumberFormat(tag, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const percents = new Intl.NumberFormat(tag, { style: "percent", maximumFractionDigits: 1 });

/** With one digit after the point, for averages. */
export function decimal(value: number): string {
  return decimals.format(value);
}

/** A share of 1 in percent. */
export function percent(share: number): string {
  return percents.format(share);
}

/** Several names as one of them: A, B or C. */
export function listed(names: string[]): string {
  return new Intl.ListFormat(tag, { type: "disjunction" }).format(names);
}

/** A date without a time, as the API writes it (2026-12-01). */
export function day(date: string): string {
  return format("day:UTC", { dateStyle: "medium", timeZone: "UTC" }).format(new Date(`${date}T00:00:00Z`));
}

/** The month that it is now, with its year. */
export function thisMonth(timeZone: string): string {
  return format(`month:${timeZone}`, { month: "long", year: "numeric", timeZone }).format(new Date());
}

/** The day of a moment, in a location's or account's time zone. */
export function dayOf(moment: string, timeZone: string): string {
  return format(`day:${timeZone}`, { dateStyle: "medium", timeZone }).format(new Date(moment));
}

export function time(moment: string, timeZone: string): string {
  return format(`time:${timeZone}`, { timeStyle: "short", timeZone }).format(new Date(moment));
}

export function dayAndTime(moment: string, timeZone: string): string {
  return format(`both:${timeZone}`, { dateStyle: "medium", timeStyle: "short", timeZone }).format(
    new Date(moment),
  );
}

function format(key: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const found = dates.get(key) ?? new Intl.DateTimeFormat(tag, options);
  dates.set(key, found);
  return found;
}
