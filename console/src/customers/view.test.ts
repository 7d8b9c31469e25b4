/** How the address becomes a view, and the view what is asked. */
import { expect, test } from "vitest";
import { isNarrowed, isSearchable, orderAfter, readView, variablesOf } from "./view";

const asked = (query: string) => variablesOf("acc_1", "Europe/Berlin", readView(new URLSearchParams(query)));

test("an address without parameters asks for the newest page", () => {
  const { filter, ...rest } = asked("");
  expect(rest).toEqual({
    account: "acc_1",
    search: null,
    order: { field: "INVITED_ON", direction: "DESC" },
    first: 25,
    after: null,
  });
  expect(new Set(Object.values(filter ?? {}))).toEqual(new Set([null]));
});

test("each filter is asked for", () => {
  const query =
    "location=loc_1&state=HELD&score=passives&reviewed=no&source=Till&list=imp_1&since=2026-12-01&until=2026-12-01";
  expect(asked(query).filter).toEqual({
    locationIds: ["loc_1"],
    invitationStates: ["HELD"],
    sources: ["Till"],
    bulkImportId: "imp_1",
    invitedSince: "2026-11-30T23:00:00.000Z",
    invitedUntil: "2026-12-01T23:00:00.000Z",
    hasReview: false,
    npsAtLeast: 7,
    npsAtMost: 8,
  });
});

test("a page before another one is its last rows", () => {
  expect(asked("before=c")).toMatchObject({ last: 25, before: "c" });
});

test("parameters that mean nothing are ignored", () => {
  const view = readView(new URLSearchParams("state=GONE&score=toString&reviewed=maybe&order=PASSWORD.ASC"));
  expect(view).toMatchObject({ state: null, score: null, reviewed: null });
  expect(view.order).toEqual({ field: "INVITED_ON", direction: "DESC" });
});

test("only letters and digits count for a search", () => {
  expect(["an", "a-n", " ann", "日本語", "12 3"].map(isSearchable)).toEqual([false, false, true, true, true]);
});

test("a column is ordered descending first, then ascending", () => {
  expect(orderAfter({ field: "INVITED_ON", direction: "DESC" }, "RATING")).toBe("RATING.DESC");
  expect(orderAfter({ field: "RATING", direction: "DESC" }, "RATING")).toBe("RATING.ASC");
});

test("a search alone does not narrow the table by filters", () => {
  expect(isNarrowed(new URLSearchParams("search=ann&location=l"))).toBe(false);
  expect(isNarrowed(new URLSearchParams("score=promoters"))).toBe(true);
});
