/** What the progress of an import means. */
import { expect, test } from "vitest";
import { actionsOf, isEnded, isSending, otherChannels, pollMs, quarterOf } from "./progress";

const sent = { state: "COMPLETED", estimatedFinishAt: null, invitedRows: 3, sentMessages: 3 } as const;

test("only what has not ended can be paused, but a completed list may still be sending", () => {
  expect(actionsOf("RUNNING")).toEqual(["pause", "cancel"]);
  expect(actionsOf("COMPLETED")).toContain("pause");
  expect(actionsOf("CANCELLED")).toEqual([]);
});

test("a paused import has not ended", () => {
  expect(isEnded("PAUSED")).toBe(false);
  expect(isEnded("VALIDATED")).toBe(true);
});

test("a list is sending until its last message, also when there is no estimate any more", () => {
  expect(isSending({ ...sent, sentMessages: 2 })).toBe(true);
  expect(isSending({ ...sent, estimatedFinishAt: "2026-11-27T10:00:00Z" })).toBe(true);
  expect(isSending(sent)).toBe(false);
  expect(isSending({ ...sent, state: "VALIDATED", sentMessages: 0 })).toBe(false);
});

test("a list that sends is read again more often than one that is done", () => {
  expect(pollMs({ ...sent, sentMessages: 0 })).toBeLessThan(pollMs({ ...sent, state: "RUNNING" }));
  expect(pollMs({ ...sent, state: "RUNNING" })).toBeLessThan(pollMs(sent));
});

test("a report's address is renewed within the hour that it works", () => {
  expect(pollMs(sent)).toBeLessThan(60 * 60 * 1000);
});

test("progress is announced in quarters", () => {
  expect([null, 0, 24.9, 25, 99, 100].map(quarterOf)).toEqual([0, 0, 0, 25, 75, 100]);
});

test("another channel is one that the import does not have", () => {
  expect(otherChannels(["EMAIL"])).toEqual(["SMS"]);
  expect(otherChannels(["SMS", "EMAIL"])).toEqual([]);
});
