/** What is told of a file that the server refuses. */
import { expect, test } from "vitest";
import { texts } from "../texts";
import { reasonOf, uploadIdOf } from "./upload-answer";

test("the sentence of a refusal is shown", () => {
  expect(reasonOf(413, "The plan accepts files up to 10 MB; split the list.\n")).toBe(
    "The plan accepts files up to 10 MB; split the list.",
  );
});

test("so is the message of a denied permission", () => {
  expect(reasonOf(403, '{"errors":[{"message":"Importing requires a plan."}]}')).toBe(
    "Importing requires a plan.",
  );
});

test.each([
  [502, "<html>Bad gateway</html>"],
  [500, ""],
  [0, ""],
  [413, "<html>"],
])("%i with %j is told in our words", (status, body) => {
  expect(reasonOf(status, body)).toBe(texts.unreachable);
});

test("a file is taken only with an id", () => {
  expect(uploadIdOf(201, '{"uploadId":"upl_1"}')).toBe("upl_1");
  expect(uploadIdOf(201, "")).toBeNull();
  expect(uploadIdOf(200, '{"uploadId":"upl_1"}')).toBeNull();
});
