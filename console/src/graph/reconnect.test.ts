/** How long streams wait before they come back, and when they do not. */
import { afterEach, expect, test, vi } from "vitest";
import { connect, waitMs } from "./reconnect";

afterEach(() => vi.unstubAllGlobals());

function answer(status: number, body: string): void {
  vi.stubGlobal("fetch", async () => new Response(body, { status }));
}

test("the first attempt comes within half a second", () => {
  expect(waitMs(0, 1)).toBe(500);
});

test("later ones wait longer, but never more than eight seconds", () => {
  const longest = [0, 1, 2, 3, 4, 10, 2000].map((attempts) => waitMs(attempts, 1));
  expect(longest).toEqual([500, 1000, 2000, 4000, 8000, 8000, 8000]);
});

test("not everybody comes back at the same moment", () => {
  expect(waitMs(4, 0)).toBe(4000);
});

test("a refusal becomes the only event of the stream", async () => {
  answer(401, '{"errors":[{"message":"Token expired."}]}');
  const stream = await connect("https://reviews.example.com/graphql", {});
  expect(stream.ok).toBe(true);
  expect(await stream.text()).toBe(
    'event: next\ndata: {"errors":[{"message":"Token expired."}]}\n\nevent: complete\ndata:\n\n',
  );
});

test("what may pass is left to the next attempt", async () => {
  for (const status of [200, 429, 500, 503]) {
    answer(status, "");
    expect((await connect("https://reviews.example.com/graphql", {})).status).toBe(status);
  }
});
