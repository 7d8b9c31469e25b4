/** Which page an address names. */
import { expect, test } from "vitest";
import { addressOf, agencyOf, viewOf } from "./views";

const named = (query: string, isAgency = false) => viewOf(new URLSearchParams(query), isAgency);

test("without a name an account opens on its customers, and an agency on its clients", () => {
  expect(named("")).toBe("customers");
  expect(named("", true)).toBe("clients");
});

test("a page that is named is opened, one that does not exist is not", () => {
  expect(named("view=funnel", true)).toBe("funnel");
  expect(named("view=nothing")).toBe("customers");
});

test("an address names the account", () => {
  expect(addressOf("funnel", "acc_1")).toBe("/?view=funnel&account=acc_1");
  expect(addressOf("clients", null)).toBe("/?view=clients");
});

const business = { account: { id: "acc_0", kind: "BUSINESS", agency: null } };
const first = { account: { id: "acc_1", kind: "AGENCY", agency: { id: "agy_1" } } };
const second = { account: { id: "acc_2", kind: "AGENCY", agency: { id: "agy_2" } } };

test("the clients are those of the agency that one works for in this account", () => {
  const client = { agency: { id: "agy_2" } };
  expect(agencyOf([business, first, second], client)).toEqual({ id: "agy_2", account: "acc_2" });
  expect(agencyOf([business, first, second], second.account)).toEqual({ id: "agy_2", account: "acc_2" });
});

test("from another account the clients are those of the first agency, if there is one", () => {
  expect(agencyOf([business, first, second], business.account)).toEqual({ id: "agy_1", account: "acc_1" });
  expect(agencyOf([business], business.account)).toBeNull();
});
