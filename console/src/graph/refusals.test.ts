/** Refusals of mutations, by the part of the form that they concern. */
import { GraphQLError } from "graphql";
import { expect, test } from "vitest";
import { texts } from "../texts";
import { about, aboutTheRest, isOutdated, refusalsOf } from "./refusals";

const refused = (field: string[] | null) => ({
  data: {
    bulkImport: { bulkImport: null, userErrors: [{ field, code: "INVALID", message: "Choose another." }] },
  },
});

test("a user error is about the first part of its path", () => {
  expect(refusalsOf(refused(["sendSpeed", "perHour"]))).toEqual([
    { part: "sendSpeed", code: "INVALID", message: "Choose another." },
  ]);
});

test("a user error without a path is about nothing in particular", () => {
  expect(aboutTheRest(refusalsOf(refused(null)), ["name"])).toEqual([
    { part: null, code: "INVALID", message: "Choose another." },
  ]);
});

test("success has no refusals", () => {
  expect(refusalsOf({ data: { pauseBulkImport: { userErrors: [] } } })).toEqual([]);
});

test("a denied permission is told in its own words, a lost connection in ours", () => {
  const error = new GraphQLError("Not for you.", { extensions: { code: "FORBIDDEN" } });
  const denied = { data: { bulkImport: null }, error: { graphQLErrors: [error] } };
  expect(refusalsOf(denied)).toEqual([{ part: null, code: "FORBIDDEN", message: "Not for you." }]);
  expect(refusalsOf({ error: { graphQLErrors: [] } })).toEqual([{ part: null, message: texts.unreachable }]);
});

test("a document that the server does not understand is told as an update", () => {
  const error = new GraphQLError('Cannot query field "mood".', {
    extensions: { code: "GRAPHQL_VALIDATION_FAILED" },
  });
  expect(isOutdated({ graphQLErrors: [error] })).toBe(true);
  expect(refusalsOf({ error: { graphQLErrors: [error] } })).toEqual([
    { part: null, message: texts.outdated },
  ]);
});

test("each refusal is said at one place", () => {
  const refusals = [
    { part: "name", message: "a" },
    { part: "uploadId", message: "b" },
  ];
  expect(about(refusals, "name")).toEqual([refusals[0]]);
  expect(aboutTheRest(refusals, ["name"])).toEqual([refusals[1]]);
});
