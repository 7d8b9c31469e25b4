/** The pages of the console, and their addresses. */
export const VIEWS = ["customers", "funnel", "clients"] as const;
export type View = (typeof VIEWS)[number];

/** The page that an address names; otherwise an agency's clients, or an account's customers. */
export function viewOf(params: URLSearchParams, isAgency: boolean): View {
  const named = VIEWS.find((one) => one === params.get("view"));
  return named ?? (isAgency ? "clients" : "customers");
}

/** The address of a page of an account; the board of clients belongs to no account. */
export function addressOf(view: View, account: string | null): string {
  const params = new URLSearchParams({ view });
  if (account && view !== "clients") params.set("account", account);
  return `/?${params}`;
}
