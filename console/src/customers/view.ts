/** What the Customers page shows, as its address says it. */
import type { VariablesOf } from "../graph/graphql";
import type { CUSTOMERS } from "./customers-page";

export const SHORTEST_SEARCH = 3;
const PAGE = 25;
const FIELDS = ["INVITED_ON", "FIRST_NAME", "LAST_NAME", "NPS_SCORE", "RATING"] as const;
export type OrderField = (typeof FIELDS)[number];

export type View = {
  location: string | null;
  search: string;
  order: { field: OrderField; direction: "ASC" | "DESC" };
  after: string | null;
  before: string | null;
  customer: string | null;
};

export function readView(params: URLSearchParams): View {
  const [field, direction] = (params.get("order") ?? "").split(".");
  const known = FIELDS.find((one) => one === field);
  return {
    location: params.get("location"),
    search: params.get("search") ?? "",
    order: { field: known ?? "INVITED_ON", direction: known && direction === "ASC" ? "ASC" : "DESC" },
    after: params.get("after"),
    before: params.get("before"),
    customer: params.get("customer"),
  };
}

/** The characters of a term that count, as the API counts them. */
export function isSearchable(term: string): boolean {
  return [...term.matchAll(/[\p{L}\p{N}]/gu)].length >= SHORTEST_SEARCH;
}

export function variablesOf(account: string, view: View): VariablesOf<typeof CUSTOMERS> {
  const page = view.before ? { last: PAGE, before: view.before } : { first: PAGE, after: view.after };
  return {
    account,
    location: view.location,
    search: isSearchable(view.search) ? view.search : null,
    filter: view.location ? { locationIds: [view.location] } : null,
    order: view.order,
    ...page,
  };
}

/** The address parameter of a column's order: descending first, then ascending. */
export function orderAfter(order: View["order"], field: OrderField): string {
  const turned = order.field === field && order.direction === "DESC" ? "ASC" : "DESC";
  return `${field}.${turned}`;
}
