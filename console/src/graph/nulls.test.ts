/** Where an error has left a null. */
import { expect, test } from "vitest";
import { nullAt } from "./nulls";

test("an error of a field that may be null is where its null is", () => {
  expect(nullAt({ account: { name: null } }, ["account", "name"])).toEqual(["account", "name"]);
});

test("an error of a field that must not be null is where what contains it has become null", () => {
  expect(nullAt({ account: null }, ["account", "funnel"])).toEqual(["account"]);
  expect(nullAt({ rows: [{ one: null }] }, ["rows", 0, "one", "two"])).toEqual(["rows", 0, "one"]);
});

test("without data it is at the beginning", () => {
  expect(nullAt(null, ["account", "funnel"])).toEqual([]);
});
