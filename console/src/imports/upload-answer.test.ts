/** What is told of a file that the server refuses. */
import { expect, test } from "vitest";
import { texts } from "../texts";
import { reasonOf, uploadIdOf } from "./upload-answer";

test("the sentence of a refusal is shown", () => {
  expect(reasonOf(413, "The plan accepts files up to 10 MB; split the list.\n")).toEqual({
    part: null,
    code: "FILE_TOO_LARGE",
    message: "The plan accepts files up to 10 MB; split the list.",
  });
});

test("so is the message of a denied permission", () => {
  const body = '{"errors":[{"message":"Importing requires a plan.","extensions":{"code":"FORBIDDEN"}}]}';
  const told = { part: null, code: "FORBIDDEN", message: "Importing requires a plan." };
  expect(reasonOf(403, body)).toEqual(told);
});

test.each([
  [502, "<html>Bad gateway</html>"],
  [500, ""],
  [0, ""],
])("%i with %j is told in our words", (status, body) => {
  expect(reasonOf(status, body)).toEqual({ part: null, message: texts.unreachable });
});

test("a proxy that takes no files of this size is told so", () => {
  expect(reasonOf(413, "<html>")).toEqual({ part: null, message: texts.imports.file.tooLarge });
});

test("a file is taken only with an id", () => {
  expect(uploadIdOf(201, '{"uploadId":"upl_1"}')).toBe("upl_1");
  expect(uploadIdOf(201, "")).toBeNull();
  expect(uploadIdOf(200, '{"uploadId":"upl_1"}')).toBeNull();
});
