/** Why the server did not do something, each reason with the part of the form that it concerns. */
import type { CombinedError } from "urql";
import { texts } from "../texts";

export type Refusal = { part: string | null; message: string };
type UserError = { field: string[] | null; message: string };
type Answer = { data?: object | null | undefined; error?: Failed | undefined };
type Failed = Pick<CombinedError, "graphQLErrors">;

/** The refusals in a mutation's answer; none if it succeeded. */
export function refusalsOf(answer: Answer): Refusal[] {
  const [payload] = Object.values(answer.data ?? {}) as ({ userErrors?: UserError[] } | null)[];
  const refused = (payload?.userErrors ?? []).map(({ field, message }) => ({
    part: field?.[0] ?? null,
    message,
  }));
  return refused.length > 0 || !answer.error ? refused : [{ part: null, message: sentenceOf(answer.error) }];
}

function sentenceOf(error: Failed): string {
  return error.graphQLErrors[0]?.message ?? texts.unreachable;
}

/** The messages for one part of the form. */
export function about(refusals: Refusal[], part: string): string[] {
  return refusals.filter((one) => one.part === part).map((one) => one.message);
}

/** The messages that concern none of these parts. */
export function aboutTheRest(refusals: Refusal[], parts: readonly string[]): string[] {
  return refusals.filter((one) => one.part === null || !parts.includes(one.part)).map((one) => one.message);
}
