/** When days begin. */
import { expect, test } from "vitest";
import { endOf, startOf } from "./moments";

test.each([
  ["2026-12-01", "UTC", "2026-12-01T00:00:00.000Z"],
  ["2026-12-01", "Europe/Berlin", "2026-11-30T23:00:00.000Z"],
  ["2026-07-01", "Europe/Berlin", "2026-06-30T22:00:00.000Z"],
  ["2026-10-25", "Europe/Berlin", "2026-10-24T22:00:00.000Z"],
  ["2026-10-26", "Europe/Berlin", "2026-10-25T23:00:00.000Z"],
  ["2026-03-29", "Europe/Berlin", "2026-03-28T23:00:00.000Z"],
  ["2026-12-01", "America/New_York", "2026-12-01T05:00:00.000Z"],
  ["2026-12-01", "Asia/Kolkata", "2026-11-30T18:30:00.000Z"],
  ["2026-12-01", "Pacific/Kiritimati", "2026-11-30T10:00:00.000Z"],
])("%s begins in %s at %s", (day, zone, moment) => {
  expect(startOf(day, zone)).toBe(moment);
});

test("a day ends when the next one begins", () => {
  expect(endOf("2026-12-31", "Europe/Berlin")).toBe(startOf("2027-01-01", "Europe/Berlin"));
});
