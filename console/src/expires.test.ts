/** When a token expires by a clock that may be wrong. */
import { expect, test } from "vitest";
import { expiresHere } from "./expires";

const HOUR_MS = 3_600_000;
const answered = Date.parse("2026-12-01T09:00:00Z");

test.each([-5, 0, 400 * 24])("by a clock that is %d hours ahead, a token still lasts its hour", (hours) => {
  const now = answered + hours * HOUR_MS;
  expect(expiresHere("2026-12-01T10:00:00+00:00", "Tue, 01 Dec 2026 09:00:00 GMT", now)).toBe(now + HOUR_MS);
});

test("a response without a date is believed", () => {
  expect(expiresHere("2026-12-01T10:00:00+00:00", null, answered)).toBe(answered + HOUR_MS);
});
