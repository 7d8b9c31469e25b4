/** How long streams wait before they come back. */
import { expect, test } from "vitest";
import { waitMs } from "./reconnect";

test("the first attempt comes within half a second", () => {
  expect(waitMs(0, 1)).toBe(500);
});

test("later ones wait longer, but never more than eight seconds", () => {
  const longest = [0, 1, 2, 3, 4, 10, 2000].map((attempts) => waitMs(attempts, 1));
  expect(longest).toEqual([500, 1000, 2000, 4000, 8000, 8000, 8000]);
});

test("not everybody comes back at the same moment", () => {
  expect(waitMs(4, 0)).toBe(4000);
});
