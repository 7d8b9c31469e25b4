/** What the Customers page shows, as its address says it. */
import { type Days, readDays } from "../funnel/days";
import type { VariablesOf } from "../graph/graphql";
import type { CUSTOMERS } from "./customers-page";
import { endOf, startOf } from "./moments";

export const SHORTEST_SEARCH = 3;
const PAGE = 25;
const FIELDS = ["INVITED_ON", "FIRST_NAME", "LAST_NAME", "NPS_SCORE", "RATING"] as const;
export const STATES = [
  "QUEUED",
  "ACTIVE",
  "HELD",
  "STOPPED",
  "COMPLETED",
  "SUPPRESSED",
  "FAILED",
  "CANCELLED",
] as const;
/** The scores of each group, as the Net Promoter Score counts them. */
export const SCORES = { promoters: [9, 10], passives: [7, 8], detractors: [0, 6] } as const;
export const REVIEWED = ["yes", "no"] as const;
export type OrderField = (typeof FIELDS)[number];
export type State = (typeof STATES)[number];
export type Score = keyof typeof SCORES;

/** `list`: a bulk import's id. */
export type View = {
  location: string | null;
  search: string;
  state: State | null;
  score: Score | null;
  reviewed: (typeof REVIEWED)[number] | null;
  source: string | null;
  list: string | null;
  days: Days;
  order: { field: OrderField; direction: "ASC" | "DESC" };
  after: string | null;
  before: string | null;
  customer: string | null;
};

/** The first page of a view with other filters. */
export const FIRST_PAGE = { after: null, before: null };
/** The parameters that narrow the table, without the search and the location. */
export const NARROWING = ["state", "score", "reviewed", "source", "list", "since", "until"] as const;

export function readView(params: URLSearchParams): View {
  const [field, direction] = (params.get("order") ?? "").split(".");
  const order = FIELDS.find((one) => one === field);
  const score = params.get("score");
  return {
    location: params.get("location"),
    search: params.get("search") ?? "",
    state: STATES.find((one) => one === params.get("state")) ?? null,
    score: score !== null && Object.hasOwn(SCORES, score) ? (score as Score) : null,
    reviewed: REVIEWED.find((one) => one === params.get("reviewed")) ?? null,
    source: params.get("source"),
    list: params.get("list"),
    days: readDays(params),
    order: { field: order ?? "INVITED_ON", direction: order && direction === "ASC" ? "ASC" : "DESC" },
    after: params.get("after"),
    before: params.get("before"),
    customer: params.get("customer"),
  };
}

export function isNarrowed(params: URLSearchParams): boolean {
  return NARROWING.some((name) => params.has(name));
}

/** The characters of a term that count, as the API counts them. */
export function isSearchable(term: string): boolean {
  return [...term.matchAll(/[\p{L}\p{N}]/gu)].length >= SHORTEST_SEARCH;
}

type Variables = VariablesOf<typeof CUSTOMERS>;

export function variablesOf(account: string, timeZone: string, view: View): Variables {
  const page = view.before ? { last: PAGE, before: view.before } : { first: PAGE, after: view.after };
  return {
    account,
    search: isSearchable(view.search) ? view.search : null,
    filter: filterOf(view, timeZone),
    order: view.order,
    ...page,
  };
}

function filterOf(view: View, timeZone: string): NonNullable<Variables["filter"]> {
  const [atLeast, atMost] = view.score ? SCORES[view.score] : [null, null];
  return {
    locationIds: view.location ? [view.location] : null,
    invitationStates: view.state ? [view.state] : null,
    sources: view.source ? [view.source] : null,
    bulkImportId: view.list,
    invitedSince: view.days.since && startOf(view.days.since, timeZone),
    invitedUntil: view.days.until && endOf(view.days.until, timeZone),
    hasReview: view.reviewed && view.reviewed === "yes",
    npsAtLeast: atLeast,
    npsAtMost: atMost,
  };
}

/** The address parameter of a column's order: descending first, then ascending. */
export function orderAfter(order: View["order"], field: OrderField): string {
  const turned = order.field === field && order.direction === "DESC" ? "ASC" : "DESC";
  return `${field}.${turned}`;
}
