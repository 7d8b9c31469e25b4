/** What an address brings to sign in with: the token of a link, what a provider returned, or a persona of the demo (?as=viewer). */

export const RETURN_PATH = "/sign-in/return";
const TOKEN = /^#sign-in=([\w-]+)$/;

export type Arrival =
  | { way: "link"; token: string }
  | { way: "provider"; returned: Record<string, string> }
  | { way: "persona"; persona: string; rest: string };
type Address = { pathname: string; search: string; hash: string };

/** The token is in the fragment, which browsers send to no server. */
export function arrivalAt({ pathname, search, hash }: Address): Arrival | null {
  const token = TOKEN.exec(hash)?.[1];
  if (token) return { way: "link", token };
  if (pathname === RETURN_PATH)
    return { way: "provider", returned: Object.fromEntries(new URLSearchParams(search)) };
  const params = new URLSearchParams(search);
  const persona = params.get("as");
  if (persona === null) return null;
  params.delete("as");
  return { way: "persona", persona, rest: params.size > 0 ? `/?${params}` : "/" };
}
