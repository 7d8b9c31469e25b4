/** Shares of the invited. */
import { expect, test } from "vitest";
import { type Funnel, STAGES, stagesOf } from "./stages";

const nobody: Funnel = {
  invited: 0,
  delivered: 0,
  opened: 0,
  clicked: 0,
  platformChosen: 0,
  npsSubmitted: 0,
  reviewed: 0,
  npsAverage: null,
  npsNet: null,
  ratingAverage: null,
};

test("shares are those of the invited", () => {
  const stages = stagesOf({ ...nobody, invited: 200, delivered: 190, reviewed: 1 });
  expect(stages.map((one) => one.name)).toEqual([...STAGES]);
  expect(stages[0]?.share).toBe(1);
  expect(stages[1]?.share).toBe(0.95);
  expect(stages[6]?.share).toBe(0.005);
});

test("where nobody is invited, every share is zero", () => {
  expect(stagesOf(nobody).every((one) => one.share === 0)).toBe(true);
});
