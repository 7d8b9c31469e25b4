/** Periods of days. */
import { expect, test } from "vitest";
import { isDay, isReversed, lastDays, readDays, today } from "./days";

test("a day whose year is still being typed is none", () => {
  expect(["0002-01-05", "0202-01-05", "2026-1-5", "2026-13-01", ""].filter(isDay)).toEqual([]);
  expect(isDay("2026-01-05")).toBe(true);
});

test("an address can name the first day, the last one, both or none", () => {
  expect(readDays(new URLSearchParams("since=2026-01-05"))).toEqual({ since: "2026-01-05", until: null });
  expect(readDays(new URLSearchParams("until=soon"))).toEqual({ since: null, until: null });
});

test("a period is reversed if its first day is after its last", () => {
  expect(isReversed({ since: "2026-02-01", until: "2026-01-31" })).toBe(true);
  expect(isReversed({ since: "2026-01-31", until: "2026-01-31" })).toBe(false);
  expect(isReversed({ since: "2026-02-01", until: null })).toBe(false);
});

test("the last seven days include today", () => {
  expect(lastDays(7, "2026-03-02")).toEqual({ since: "2026-02-24", until: null });
});

test("today depends on the time zone", () => {
  const late = new Date("2026-03-01T23:30:00Z");
  expect(today("Europe/Berlin", late)).toBe("2026-03-02");
  expect(today("America/New_York", late)).toBe("2026-03-01");
});
