/** The frame around every page: whose account it is, where one can go, and signing out. */
import { memo, type ReactNode, Suspense, useEffect, useRef } from "react";
import { Button } from "react-aria-components";
import { useQuery } from "urql";
import { go, useAddress, withParams } from "./address";
import { CustomersPage } from "./customers/customers-page";
import { graphql, type ResultOf } from "./graph/graphql";
import { Navigation } from "./navigation";
import { part } from "./parts";
import { endSession } from "./session";
import { texts } from "./texts";
import { Boundary, Broken } from "./ui/boundary";
import { Choice } from "./ui/choice";
import { Link } from "./ui/link";
import { Failure, Loading, NoAccount } from "./ui/states";
import { addressOf, agencyOf, type View, viewOf } from "./views";

const FunnelPage = part(() => import("./funnel/funnel-page"));
const BoardPage = part(() => import("./agency/board-page"));
const ImportsPage = part(() => import("./imports/imports-page"));

const VIEWER = graphql(`
  query Viewer($account: ID) {
    viewer { id name memberships { role account { id name plan kind agency { id } } } }
    account(id: $account) { id name kind timeZone agency { id } }
  }
`);
type Found = ResultOf<typeof VIEWER>;

export function Home() {
  const wanted = useAddress().params.get("account");
  const [{ data, error, fetching }, reload] = useQuery({ query: VIEWER, variables: { account: wanted } });
  const isMember = data === undefined || data.viewer.memberships.length > 0;
  useEffect(() => {
    if (!isMember) endSession("ended");
  }, [isMember]);
  if (error && !data) return <Failure error={error} retry={reload} />;
  if (!data) return <Loading />;
  const account = wanted && data.account?.id !== wanted ? null : data.account;
  return <Frame viewer={data.viewer} account={account} isLoading={fetching} />;
}

type FrameProps = { viewer: Found["viewer"]; account: Found["account"]; isLoading: boolean };

function Frame({ viewer, account, isLoading }: FrameProps) {
  const { params } = useAddress();
  const view = viewOf(params, account?.kind === "AGENCY");
  const agency = agencyOf(viewer.memberships, account);
  const seen = useRef({ agency: "", at: "" });
  useEffect(() => {
    if (view === "clients" && agency) seen.current = { agency: agency.id, at: `/?${params}` };
  }, [view, params, agency]);
  const seenHere = agency?.id === seen.current.agency ? seen.current.at : null;
  const board = agency && (seenHere ?? addressOf("clients", agency.account));
  return (
    <>
      <Header viewer={viewer} account={account} view={view} board={board} />
      <Place here={account && `${view} ${account.id}`}>
        {!account && (isLoading ? <Loading /> : <NoAccount />)}
        {account && view === "customers" && <CustomersPage key={account.id} account={account} />}
        {account && view === "imports" && <ImportsPage key={account.id} account={account.id} />}
        {account && view === "funnel" && <FunnelPage key={account.id} account={account.id} />}
        {account && view === "clients" && <BoardPage agency={agency?.id ?? null} account={account.id} />}
      </Place>
    </>
  );
}

/** The page. Whoever comes from another one finds the focus at its beginning. */
function Place({ here, children }: { here: string | null; children: ReactNode }) {
  const place = useRef<HTMLDivElement>(null);
  const before = useRef<string | null>(null);
  useEffect(() => {
    const isElsewhere = !place.current?.contains(document.activeElement);
    if (here && before.current && before.current !== here && isElsewhere) place.current?.focus();
    before.current = here ?? before.current;
  }, [here]);
  return (
    <div className="place" ref={place} tabIndex={-1}>
      <Boundary key={here} instead={<Broken />}>
        <Suspense fallback={<Loading />}>{children}</Suspense>
      </Boundary>
    </div>
  );
}

type HeaderProps = { viewer: Found["viewer"]; account: Found["account"]; view: View; board: string | null };

const Header = memo(function Header({ viewer, account, view, board }: HeaderProps) {
  const own = viewer.memberships.map((one) => one.account);
  const isOwn = own.some((one) => one.id === account?.id);
  return (
    <header className="frame">
      <Link className="brand" to="/">
        {texts.name}
      </Link>
      {isOwn && own.length > 1 ? (
        <Choice
          label={texts.account}
          options={own}
          chosen={account?.id ?? null}
          choose={(id) => go(`/?account=${id}`)}
        />
      ) : (
        <b dir="auto">{account?.name}</b>
      )}
      {account && <Navigation view={view} account={account.id} board={board} />}
      <span className="who">{viewer.name}</span>
      <Button onPress={() => leave()}>{texts.signOut}</Button>
    </header>
  );
});

function leave(): void {
  go(withParams({ account: null }), { replace: true });
  endSession("left");
}
