/** What the agency's board shows, as its address says it. */
import { type Days, readDays } from "../funnel/days";
import type { VariablesOf } from "../graph/graphql";
import type { CLIENTS } from "./board-page";

const PAGE = 20;
const FIELDS = ["NAME", "INVITED_THIS_CYCLE", "ALLOWANCE_USED", "NPS", "RATING"] as const;
export type ClientOrderField = (typeof FIELDS)[number];
export type ClientOrder = { field: ClientOrderField; direction: "ASC" | "DESC" };
export type BoardView = { search: string; order: ClientOrder; after: string | null; days: Days };

export function readBoard(params: URLSearchParams): BoardView {
  const [field, direction] = (params.get("order") ?? "").split(".");
  const known = FIELDS.find((one) => one === field) ?? "NAME";
  return {
    search: params.get("search") ?? "",
    order: {
      field: known,
      direction: direction === "ASC" || direction === "DESC" ? direction : first(known),
    },
    after: params.get("after"),
    days: readDays(params),
  };
}

export function variablesOf({ search, order, after, days }: BoardView): VariablesOf<typeof CLIENTS> {
  return { search: search.trim() || null, order, after, first: PAGE, ...days };
}

/** Names begin with A, figures with the highest. */
function first(field: ClientOrderField): ClientOrder["direction"] {
  return field === "NAME" ? "ASC" : "DESC";
}

/** The address parameter after a press on a column's head: its own first direction, then the other one. */
export function orderAfter(order: ClientOrder, field: ClientOrderField): string {
  const isFirst = order.field === field && order.direction === first(field);
  const other = first(field) === "ASC" ? "DESC" : "ASC";
  return `${field}.${isFirst ? other : first(field)}`;
}

/** Whether the rows stand in the order of all time, while their figures are those of a period. */
export function isOrderedByAllTime({ order, days }: BoardView): boolean {
  const isOfFunnel = order.field === "NPS" || order.field === "RATING";
  return isOfFunnel && (days.since !== null || days.until !== null);
}
