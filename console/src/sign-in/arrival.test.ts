import { expect, test } from "vitest";
import { arrivalAt } from "./arrival";

const at = (address: string) => arrivalAt(new URL(address, "https://reviews.example.com"));

test("a link brings its token", () => {
  expect(at("/#sign-in=a-B_9")).toEqual({ way: "link", token: "a-B_9" });
  expect(at("/?account=acc_1#sign-in=abc")).toEqual({ way: "link", token: "abc" });
});

test("other fragments bring nothing", () => {
  for (const hash of ["", "#", "#sign-in", "#sign-in=", "#sign-in=a b", "#x&sign-in=abc"])
    expect(at(`/${hash}`)).toBeNull();
});

test("a provider's return brings its parameters", () => {
  expect(at("/sign-in/return?code=c%2B1&state=s")).toEqual({
    way: "provider",
    returned: { code: "c+1", state: "s" },
  });
  expect(at("/?code=c&state=s")).toBeNull();
});

test("a persona is taken out of the address", () => {
  expect(at("/?as=viewer")).toEqual({ way: "persona", persona: "viewer", rest: "/" });
  expect(at("/?search=ann&as=owner&order=RATING.DESC")).toEqual({
    way: "persona",
    persona: "owner",
    rest: "/?search=ann&order=RATING.DESC",
  });
});
