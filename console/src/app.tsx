/** The console: the sign-in page, or the account's pages with the client of this session. */
import { useMemo } from "react";
import { Provider } from "urql";
import { createClient } from "./graph/client";
import { Home } from "./home";
import { useSession } from "./session";
import { SignIn } from "./sign-in";

export function App() {
  const session = useSession();
  // A client of its own for each session: nothing of the one before is left in its cache.
  // biome-ignore lint/correctness/useExhaustiveDependencies: a renewed token keeps the client
  const client = useMemo(() => createClient(), [session?.name]);
  if (!session) return <SignIn />;
  return (
    <Provider value={client}>
      <Home />
    </Provider>
  );
}
