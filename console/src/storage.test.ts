/** What is kept where the browser keeps it, or refuses to. */
import { expect, test } from "vitest";
import { kept } from "./storage";

function browserStorage({ isFull = false } = {}): Storage {
  const items = new Map<string, string>();
  return {
    getItem: (key: string) => items.get(key) ?? null,
    removeItem: (key: string) => items.delete(key),
    setItem: (key: string, value: string) => {
      if (isFull) throw new DOMException("The quota has been exceeded.", "QuotaExceededError");
      items.set(key, value);
    },
  } as unknown as Storage;
}

function forbidden(): Storage {
  throw new DOMException("Access is denied for this document.", "SecurityError");
}

test("values are in the browser's storage", () => {
  const storage = browserStorage();
  kept(() => storage).set("key", "value");
  expect(kept(() => storage).get("key")).toBe("value");
});

test.each([
  ["full", () => browserStorage({ isFull: true })],
  ["forbidden", forbidden],
])("where storage is %s, values last as long as the page", (_, storage) => {
  const one = kept(storage);
  one.set("key", "value");
  expect(one.get("key")).toBe("value");
  one.set("key", null);
  expect(one.get("key")).toBeNull();
});
