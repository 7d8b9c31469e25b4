/** Why the server did not do something, each reason with the part of the form that it concerns. */
import type { CombinedError } from "urql";
import { texts } from "../texts";

/** The server's own words have a code, and are English; others are in the reader's language already. */
export type Refusal = { part: string | null; message: string; code?: string };
type UserError = { field: string[] | null; code: string; message: string };
type Answer = { data?: object | null | undefined; error?: Failed | undefined };
export type Failed = Pick<CombinedError, "graphQLErrors">;
/** How a server refuses a document that it does not understand: the console is newer than it, or older. */
const NOT_UNDERSTOOD = ["GRAPHQL_VALIDATION_FAILED", "GRAPHQL_PARSE_FAILED"];

/** The refusals in a mutation's answer; none if it succeeded. */
export function refusalsOf(answer: Answer): Refusal[] {
  const [payload] = Object.values(answer.data ?? {}) as ({ userErrors?: UserError[] } | null)[];
  const refused = (payload?.userErrors ?? []).map(({ field, code, message }) => ({
    part: field?.[0] ?? null,
    code,
    message,
  }));
  return refused.length > 0 || !answer.error ? refused : [refusalOf(answer.error)];
}

/** Whether the console and its server are of different versions. */
export function isOutdated({ graphQLErrors }: Failed): boolean {
  return graphQLErrors.some((one) => NOT_UNDERSTOOD.includes(String(one.extensions.code)));
}

export function refusalOf(error: Failed): Refusal {
  const [first] = error.graphQLErrors;
  if (isOutdated(error)) return { part: null, message: texts.outdated };
  if (!first) return { part: null, message: texts.unreachable };
  return { part: null, code: String(first.extensions.code), message: first.message };
}

/** The refusals of one part of the form. */
export function about(refusals: Refusal[], part: string): Refusal[] {
  return refusals.filter((one) => one.part === part);
}

/** The refusals that concern none of these parts. */
export function aboutTheRest(refusals: Refusal[], parts: readonly string[]): Refusal[] {
  return refusals.filter((one) => one.part === null || !parts.includes(one.part));
}
