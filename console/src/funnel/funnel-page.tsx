/** The invitation funnel of an account, of one location or all, in a period: scores, a picture and a table. */
import { useQuery } from "urql";
import { go, useAddress, withParams } from "../address";
import { graphql } from "../graph/graphql";
import { number, percent, texts } from "../texts";
import { Choice } from "../ui/choice";
import { Problem } from "../ui/problem";
import { Loading, NoAccount } from "../ui/states";
import { addressOf } from "../views";
import { isReversed, readDays } from "./days";
import { Period } from "./period";
import { Picture } from "./picture";
import { Scores } from "./scores";
import { FUNNEL, type Funnel, stagesOf } from "./stages";

const said = texts.funnel;
const ALL = "all";
const ACCOUNT_FUNNEL = graphql(
  `
  query AccountFunnel($account: ID!, $since: Date, $until: Date, $location: ID) {
    account(id: $account) {
      id name timeZone
      locations(first: 100) { edges { node { id name } } }
      funnel(since: $since, until: $until, locationId: $location) { ...Funnel }
    }
  }
`,
  [FUNNEL],
);

export default function FunnelPage({ account }: { account: string }) {
  const { params } = useAddress();
  const [days, location] = [readDays(params), params.get("location")];
  const [{ data, error, fetching }, reload] = useQuery({
    query: ACCOUNT_FUNNEL,
    variables: { account, location, ...days },
    pause: isReversed(days),
    requestPolicy: "cache-and-network",
  });
  const found = data?.account;
  if (data && !found && !error) return <NoAccount />;
  const locations = found?.locations.edges.map((edge) => edge.node) ?? [];
  const options = [{ id: ALL, name: texts.filters.allLocations }, ...locations];
  return (
    <main aria-busy={fetching}>
      <title>{[said.title, found?.name, texts.name].filter(Boolean).join(" · ")}</title>
      <h1>{said.title}</h1>
      <div className="filters">
        {locations.length > 1 && (
          <Choice
            label={texts.filters.location}
            options={options}
            chosen={location ?? ALL}
            choose={(id) => go(withParams({ location: id === ALL ? null : id }))}
          />
        )}
        <Period days={days} {...(found ? { timeZone: found.timeZone } : {})} />
      </div>
      {error && (
        <Problem
          error={error}
          retry={() => reload({ requestPolicy: "network-only" })}
          onward={addressOf("funnel", account)}
          onwardName={said.whole}
        />
      )}
      {!found && !error && !isReversed(days) && <Loading />}
      {found && <Shown funnel={found.funnel} />}
    </main>
  );
}

function Shown({ funnel }: { funnel: Funnel }) {
  if (funnel.invited === 0) return <p className="state">{said.empty}</p>;
  return (
    <>
      <section className="cards" aria-label={said.scores}>
        <Scores funnel={funnel} />
      </section>
      <div className="funnel">
        <Picture funnel={funnel} />
        <Table funnel={funnel} />
      </div>
      <p className="reason">{said.note}</p>
    </>
  );
}

function Table({ funnel }: { funnel: Funnel }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className="wide" aria-label={said.table} tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">{said.stage}</th>
            <th scope="col">{said.invitations}</th>
            <th scope="col">{said.share}</th>
          </tr>
        </thead>
        <tbody>
          {stagesOf(funnel).map(({ name, count, share }) => (
            <tr key={name}>
              <th scope="row">{said.stages[name]}</th>
              <td className="number">{number(count)}</td>
              <td className="number">{percent(share)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
