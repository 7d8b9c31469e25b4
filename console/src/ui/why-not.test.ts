/** Why somebody may not do something. */
import { expect, test } from "vitest";
import { whyNot } from "./why-not";

const denied = {
  allowed: false,
  code: "STATE",
  reason: "Said by the server.",
  requiredRoles: null,
  requiredPlans: null,
};

test("a missing role is named", () => {
  expect(whyNot({ ...denied, requiredRoles: ["OWNER", "ADMIN"] })).toBe(
    "This requires the role Owner or Admin.",
  );
});

test("a missing role and a missing plan are both named", () => {
  expect(whyNot({ ...denied, requiredRoles: ["OWNER"], requiredPlans: ["STARTER", "ENTERPRISE"] })).toBe(
    "This requires the role Owner. This requires the plan Starter or Enterprise.",
  );
});

test("any other reason is the server's", () => {
  expect(whyNot(denied)).toBe("Said by the server.");
});
