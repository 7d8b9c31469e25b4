/** Which pieces of a text are marked. */
import { expect, test } from "vitest";
import { pieces } from "./marked";

const found = (text: string, term: string) =>
  pieces(text, term)
    .filter((one) => one.isFound)
    .map((one) => one.piece);

test("words are found whatever their case", () => {
  expect(found("Anna Hannah", "ann")).toEqual(["Ann", "ann"]);
});

test("each word of the term is found", () => {
  expect(found("Anna Meyer", "mey ann")).toEqual(["Ann", "Mey"]);
});

test("characters that mean something in patterns are plain text", () => {
  expect(found("a.b+c@mail.example (d)", ".b+ (d")).toEqual([".b+", "(d"]);
});

test("the pieces are the whole text", () => {
  const text = "Jose\u0301 García";
  expect(
    pieces(text, "garc")
      .map((one) => one.piece)
      .join(""),
  ).toBe(text.normalize("NFC"));
});

test("without a term there is one piece", () => {
  expect(pieces("Anna", " ")).toEqual([{ from: 0, piece: "Anna", isFound: false }]);
});
