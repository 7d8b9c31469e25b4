/** The frame around every page: whose account it is, where one can go, and signing out. */
import { Button } from "react-aria-components";
import { useQuery } from "urql";
import { go, useAddress, withParams } from "./address";
import { CustomersPage } from "./customers/customers-page";
import { graphql, type ResultOf } from "./graph/graphql";
import { endSession } from "./session";
import { texts } from "./texts";
import { Choice } from "./ui/choice";
import { Failure, Loading } from "./ui/states";

const VIEWER = graphql(`
  query Viewer {
    viewer { id name memberships { role account { id name plan kind } } }
    account { id }
  }
`);
type Member = ResultOf<typeof VIEWER>["viewer"];

export function Home() {
  const [{ data, error }, reload] = useQuery({ query: VIEWER });
  const { params } = useAddress();
  if (error && !data) return <Failure retry={reload} />;
  if (!data) return <Loading />;
  const accounts = data.viewer.memberships.map((one) => one.account.id);
  const wanted = params.get("account") ?? data.account?.id;
  const account = accounts.find((id) => id === wanted) ?? accounts[0];
  return (
    <>
      <Header viewer={data.viewer} account={account ?? null} />
      {account && <CustomersPage key={account} account={account} />}
    </>
  );
}

function Header({ viewer, account }: { viewer: Member; account: string | null }) {
  const options = viewer.memberships.map((one) => ({ id: one.account.id, name: one.account.name }));
  return (
    <header className="frame">
      <a className="brand" href="/">
        {texts.name}
      </a>
      {options.length > 1 ? (
        <Choice
          label={texts.account}
          options={options}
          chosen={account}
          choose={(id) => go(`/?account=${id}`)}
        />
      ) : (
        <b>{options[0]?.name}</b>
      )}
      <span className="who">{viewer.name}</span>
      <Button onPress={() => leave()}>{texts.signOut}</Button>
    </header>
  );
}

function leave(): void {
  go(withParams({ account: null, as: null }), { replace: true });
  endSession("left");
}
