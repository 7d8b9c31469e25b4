/** The pages of the console, and their addresses. */
export const VIEWS = ["customers", "imports", "funnel", "clients"] as const;
export type View = (typeof VIEWS)[number];

/** The page that an address names; otherwise an agency's clients, or an account's customers. */
export function viewOf(params: URLSearchParams, isAgency: boolean): View {
  const named = VIEWS.find((one) => one === params.get("view"));
  return named ?? (isAgency ? "clients" : "customers");
}

/** The address of a page of an account. */
export function addressOf(view: View, account: string | null): string {
  const params = new URLSearchParams({ view });
  if (account) params.set("account", account);
  return `/?${params}`;
}

type Agency = { id: string } | null;
type Membership = { account: { id: string; kind: string; agency: Agency } };

/** The agency whose clients are shown from an account: the one that the member works for there, or else their first one; with
 * the agency's own account. */
export function agencyOf(
  memberships: Membership[],
  account: { agency: Agency } | null,
): { id: string; account: string } | null {
  const agencies = memberships.flatMap(({ account: { id, kind, agency } }) =>
    kind === "AGENCY" && agency ? [{ id: agency.id, account: id }] : [],
  );
  return agencies.find((one) => one.id === account?.agency?.id) ?? agencies[0] ?? null;
}
