/** From a filled-in form to the mutation's input, and from its answer to the sentences beside the fields. */
import type { VariablesOf } from "../graph/graphql";
import type { Refusal } from "../graph/refusals";
import type { INVITE } from "./use-invite";

export type Input = VariablesOf<typeof INVITE>["input"];
/** What is to correct: beside a field, or by itself. */
export type Problems = { beside: Record<string, Refusal[]>; alone: Refusal[] };
export const NOTHING: Problems = { beside: {}, alone: [] };
export const FIELDS = ["firstName", "lastName", "email", "phone", "employee", "service"] as const;
const BESIDE = new Set<string>([...FIELDS, "locationId", "channels"]);

export function inputOf(form: FormData): Input {
  const texts = FIELDS.map((name) => [name, String(form.get(name) ?? "").trim()] as const);
  return {
    locationId: String(form.get("locationId") ?? ""),
    channels: form.getAll("channels").map((one) => (one === "SMS" ? "SMS" : "EMAIL")),
    ...Object.fromEntries(texts.filter(([, text]) => text !== "")),
  };
}

/** The problems by the field that they stand beside; those of no field, or of one that is not there, stand by themselves. */
export function problemsOf(refusals: Refusal[]): Problems {
  const { beside, alone }: Problems = { beside: {}, alone: [] };
  for (const one of refusals) {
    if (one.part && BESIDE.has(one.part)) beside[one.part] = [...(beside[one.part] ?? []), one];
    else alone.push(one);
  }
  return { beside, alone };
}

export type Sent = { key: string; input: string; isAnswered: boolean };

/** The idempotency key of an attempt: the one before, if that had the same input and no answer came. */
export function attempt(before: Sent | null, input: Input, newKey: () => string): Sent {
  const written = JSON.stringify(input);
  const isAgain = before !== null && !before.isAnswered && before.input === written;
  return { key: isAgain ? before.key : newKey(), input: written, isAnswered: false };
}

/** 128 random bits; crypto.randomUUID exists only where the address is secure. */
export function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
}
