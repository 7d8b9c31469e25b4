/** The console: the sign-in page, or the account's pages with the client of this session. */
import { Suspense, useMemo } from "react";
import { Provider } from "urql";
import { createClient } from "./graph/client";
import { Home } from "./home";
import { part } from "./parts";
import { useSession } from "./session";
import { useArriving } from "./sign-in/arriving";
import { texts } from "./texts";
import { Loading } from "./ui/states";

const SignInPage = part(() => import("./sign-in/sign-in-page"));

export function App() {
  const session = useSession();
  const { isArriving } = useArriving();
  // A client of its own for each session: nothing of the one before is left in its cache.
  // biome-ignore lint/correctness/useExhaustiveDependencies: a renewed token keeps the client
  const client = useMemo(() => createClient(), [session?.began]);
  if (isArriving) return <Loading sentence={texts.signIn.arriving} />;
  if (!session)
    return (
      <Suspense fallback={<Loading />}>
        <SignInPage />
      </Suspense>
    );
  return (
    <Provider value={client}>
      <Home />
    </Provider>
  );
}
