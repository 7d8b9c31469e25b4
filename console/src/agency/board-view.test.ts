/** What an address of the board means. */
import { expect, test } from "vitest";
import { isOrderedByAllTime, orderAfter, readBoard, variablesOf } from "./board-view";

const board = (query: string) => readBoard(new URLSearchParams(query));

test("the board begins with the names from A", () => {
  expect(board("").order).toEqual({ field: "NAME", direction: "ASC" });
  expect(board("order=SIZE.DESC").order).toEqual({ field: "NAME", direction: "DESC" });
});

test("a column of figures begins with the highest, and turns when pressed again", () => {
  const order = board("").order;
  expect(orderAfter(order, "NPS")).toBe("NPS.DESC");
  expect(orderAfter(board("order=NPS.DESC").order, "NPS")).toBe("NPS.ASC");
  expect(orderAfter(board("order=NPS.ASC").order, "NPS")).toBe("NPS.DESC");
  expect(orderAfter(order, "NAME")).toBe("NAME.DESC");
});

test("a search of spaces is none", () => {
  expect(variablesOf(board("search=+&after=c1"))).toMatchObject({ search: null, after: "c1" });
});

test("only scores of a period stand in an order of all time", () => {
  expect(isOrderedByAllTime(board("order=NPS.DESC"))).toBe(false);
  expect(isOrderedByAllTime(board("order=NPS.DESC&since=2026-01-01"))).toBe(true);
  expect(isOrderedByAllTime(board("order=NAME.ASC&since=2026-01-01"))).toBe(false);
});
