/** Sentences about an import. */
import { expect, test } from "vitest";
import type { Progress } from "./documents";
import { announcement, speedText, stateText } from "./sentences";

const running: Progress = {
  seq: 1,
  state: "RUNNING",
  totalRows: 10,
  processedRows: 6,
  invitedRows: 6,
  skippedRows: 0,
  invalidRows: 0,
  percent: 60,
  rowsPerSecond: null,
  estimatedFinishAt: null,
  sentMessages: 0,
  error: null,
};

test("a dry run checks rows", () => {
  expect(stateText({ dryRun: true, progress: running })).toBe("Checking rows");
  expect(stateText({ dryRun: false, progress: running })).toBe("Reading rows");
  expect(stateText({ dryRun: true, progress: { ...running, state: "FAILED" } })).toBe("Failed");
});

test("progress is announced by quarters, once the number of rows is known", () => {
  expect(announcement({ dryRun: false, progress: running })).toBe("Reading rows: 50 %");
  expect(announcement({ dryRun: false, progress: { ...running, totalRows: null } })).toBe("Reading rows");
});

test("a speed is said in words", () => {
  expect(speedText({ perHour: null, spreadOverDays: null })).toBe("As soon as possible");
  expect(speedText({ perHour: 1500, spreadOverDays: null })).toBe("1,500 per hour");
  expect(speedText({ perHour: null, spreadOverDays: 1 })).toBe("Spread over 1 day");
});
