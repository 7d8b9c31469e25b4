/** Which page an address names. */
import { expect, test } from "vitest";
import { addressOf, viewOf } from "./views";

const named = (query: string, isAgency = false) => viewOf(new URLSearchParams(query), isAgency);

test("without a name an account opens on its customers, and an agency on its clients", () => {
  expect(named("")).toBe("customers");
  expect(named("", true)).toBe("clients");
});

test("a page that is named is opened, one that does not exist is not", () => {
  expect(named("view=funnel", true)).toBe("funnel");
  expect(named("view=nothing")).toBe("customers");
});

test("an address names the account, except that of the board", () => {
  expect(addressOf("funnel", "acc_1")).toBe("/?view=funnel&account=acc_1");
  expect(addressOf("clients", "acc_1")).toBe("/?view=clients");
});
