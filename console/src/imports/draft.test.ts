/** The choices for a list, and the input that they make. */
import { expect, test } from "vitest";
import type { Column } from "./documents";
import {
  AT_ONCE,
  channelsFor,
  checkInput,
  draftOf,
  isWhole,
  keepDraft,
  missing,
  sendSpeedOf,
  withChannel,
  withField,
} from "./draft";

const COLUMNS: Column[] = [
  { name: "Name", samples: ["Ann"], suggestedField: "FULL_NAME" },
  { name: "Mail", samples: [], suggestedField: "EMAIL" },
  { name: "Note", samples: [], suggestedField: null },
];
const said = { chooseLocation: "location", wholeNumber: "number" };

test("a draft begins with what the file suggests", () => {
  const draft = draftOf("upl_1", COLUMNS, null);
  expect(draft.fields).toEqual(["FULL_NAME", "EMAIL", null]);
  expect(draft.channels).toEqual(["EMAIL"]);
});

test("a kept draft is found again for its upload alone", () => {
  const draft = withField(draftOf("upl_2", COLUMNS, "loc_1"), 2, "SERVICE");
  keepDraft("upl_2", draft);
  expect(draftOf("upl_2", COLUMNS, null)).toEqual(draft);
  expect(draftOf("upl_3", COLUMNS, null).fields[2]).toBeNull();
});

test("a list with phone numbers alone is sent by SMS", () => {
  expect(channelsFor(["PHONE", null])).toEqual(["SMS"]);
  expect(channelsFor(["PHONE", "EMAIL"])).toEqual(["EMAIL"]);
  expect(channelsFor([null])).toEqual(["EMAIL"]);
});

test("a channel is chosen once and can be taken back", () => {
  const draft = draftOf("upl_4", COLUMNS, null);
  const both = withChannel(withChannel(draft, "SMS", true), "SMS", true);
  expect(both.channels).toEqual(["EMAIL", "SMS"]);
  expect(withChannel(both, "EMAIL", false).channels).toEqual(["SMS"]);
});

test("columns without a field are not mapped", () => {
  const draft = { ...draftOf("upl_5", COLUMNS, null), location: "loc_1", name: "May" };
  expect(checkInput("upl_5", COLUMNS, draft, "key")).toEqual({
    uploadId: "upl_5",
    locationId: "loc_1",
    name: "May",
    channels: ["EMAIL"],
    sendSpeed: null,
    mapping: [
      { column: "Name", field: "FULL_NAME" },
      { column: "Mail", field: "EMAIL" },
    ],
    dryRun: true,
    idempotencyKey: "key",
  });
});

test("a speed is one number of the two", () => {
  expect(sendSpeedOf(AT_ONCE)).toBeNull();
  expect(sendSpeedOf({ ...AT_ONCE, pace: "PER_HOUR", perHour: " 50 " })).toEqual({ perHour: 50 });
  expect(sendSpeedOf({ ...AT_ONCE, pace: "DAYS", days: "3" })).toEqual({ spreadOverDays: 3 });
});

test.each(["", "0", "-1", "1.5", "1e3", "ten", "1000000"])("%j is no number for a speed", (given) => {
  expect(isWhole({ ...AT_ONCE, pace: "PER_HOUR", perHour: given })).toBe(false);
  expect(isWhole({ ...AT_ONCE, pace: "DAYS", days: given })).toBe(false);
});

test("a number that is not used is not looked at", () => {
  expect(isWhole({ pace: "SOON", perHour: "", days: "" })).toBe(true);
  expect(isWhole({ pace: "DAYS", perHour: "", days: "2" })).toBe(true);
});

test("what is missing is said beside its part", () => {
  const draft = draftOf("upl_6", COLUMNS, null);
  expect(missing(draft, said)).toEqual([{ part: "locationId", message: "location" }]);
  const wrong = { ...draft, location: "loc_1", speed: { ...AT_ONCE, pace: "DAYS" as const, days: "" } };
  expect(missing(wrong, said)).toEqual([{ part: "sendSpeed", message: "number" }]);
});
