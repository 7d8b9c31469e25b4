/** What is sent for a form, and where the answer's errors stand. */
import { expect, test } from "vitest";
import { attempt, inputOf, problemsOf, randomKey } from "./answers";

function form(...entries: [string, string][]): FormData {
  const filled = new FormData();
  for (const [name, value] of entries) filled.append(name, value);
  return filled;
}

test("empty fields are not sent, and spaces around others are not", () => {
  const filled = form(
    ["locationId", "loc_1"],
    ["firstName", " Ann "],
    ["lastName", " "],
    ["channels", "EMAIL"],
  );
  expect(inputOf(filled)).toEqual({ locationId: "loc_1", channels: ["EMAIL"], firstName: "Ann" });
});

test("errors stand beside their fields, others by themselves", () => {
  const errors = [
    { part: "email", message: "Wrong." },
    { part: "email", message: "Used." },
    { part: "sendAt", message: "Late." },
    { part: null, message: "No." },
  ];
  expect(problemsOf(errors)).toEqual({ beside: { email: errors.slice(0, 2) }, alone: errors.slice(2) });
});

test("the same input is sent again with the same key only where no answer came", () => {
  let made = 0;
  const next = () => String(++made);
  const [input, other] = [inputOf(form(["email", "a@x.example"])), inputOf(form(["email", "b@x.example"]))];
  const first = attempt(null, input, next);
  expect(attempt(first, input, next).key).toBe(first.key);
  expect(attempt(first, other, next).key).not.toBe(first.key);
  expect(attempt({ ...first, isAnswered: true }, input, next).key).not.toBe(first.key);
});

test("keys are 32 hexadecimal digits, each time others", () => {
  expect(randomKey()).toMatch(/^[0-9a-f]{32}$/);
  expect(randomKey()).not.toBe(randomKey());
});
