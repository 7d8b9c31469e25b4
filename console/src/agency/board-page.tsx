/** The agency's board: totals over its clients, and a page of them in any order, for all time or a period. */
import { useQuery } from "urql";
import { go, useAddress, withParams } from "../address";
import { isReversed } from "../funnel/days";
import { Period } from "../funnel/period";
import { FUNNEL } from "../funnel/stages";
import { graphql, type ResultOf } from "../graph/graphql";
import { texts } from "../texts";
import { Problem } from "../ui/problem";
import { SearchBox } from "../ui/search-box";
import { Loading, NoAccount } from "../ui/states";
import { addressOf } from "../views";
import { BoardTable } from "./board-table";
import { type BoardView, isOrderedByAllTime, readBoard, variablesOf } from "./board-view";
import { BoardTotals } from "./totals";
import "./board.css";

const said = texts.clients;
export const CLIENTS = graphql(
  `
  query AgencyClients(
    $agency: ID, $search: String, $order: AgencyClientOrder, $first: Int, $after: String, $since: Date, $until: Date
  ) {
    agency(id: $agency) {
      id name
      clients(search: $search, orderBy: $order, first: $first, after: $after) {
        totalCount
        pageInfo { hasNextPage endCursor }
        edges {
          node {
            account { id name plan }
            usage { totalInvited allowance invitedThisCycle resetsOn }
            funnel(since: $since, until: $until) { ...Funnel }
          }
        }
      }
    }
  }
`,
  [FUNNEL],
);
export type Clients = NonNullable<ResultOf<typeof CLIENTS>["agency"]>["clients"];
export type Client = Clients["edges"][number]["node"];

export default function BoardPage({ agency: id, account }: { agency: string | null; account: string }) {
  const view = readBoard(useAddress().params);
  const [{ data, error, fetching }, reload] = useQuery({
    query: CLIENTS,
    variables: { agency: id, ...variablesOf(view) },
    pause: isReversed(view.days),
    requestPolicy: "cache-and-network",
  });
  const agency = data?.agency;
  if (id && data && !agency && !error) return <NoAccount />;
  return (
    <main aria-busy={fetching}>
      <title>{[said.title, agency?.name, texts.name].filter(Boolean).join(" · ")}</title>
      <h1>{agency ? said.of(agency.name) : said.title}</h1>
      {agency && <BoardTotals agency={agency.id} days={view.days} />}
      <div className="filters">
        <SearchBox
          label={said.search}
          hint={said.searchHint}
          term={view.search}
          search={(term) => go(withParams({ search: term, after: null }), { replace: true })}
        />
        <Period days={view.days} />
        <p role="status">{agency && said.found(agency.clients.totalCount)}</p>
      </div>
      {error && (
        <Problem
          error={error}
          retry={() => reload({ requestPolicy: "network-only" })}
          onward={addressOf("clients", account)}
          onwardName={said.whole}
        />
      )}
      {!data && !error && !isReversed(view.days) && <Loading />}
      {data && !agency && <p className="state">{said.noAgency}</p>}
      {agency && <Found clients={agency.clients} view={view} />}
    </main>
  );
}

function Found({ clients, view }: { clients: Clients; view: BoardView }) {
  if (clients.edges.length === 0) {
    return <p className="state">{view.search ? said.nothingFound(view.search) : said.empty}</p>;
  }
  return (
    <>
      {isOrderedByAllTime(view) && <p className="reason">{said.orderedByAllTime}</p>}
      <BoardTable clients={clients} view={view} />
    </>
  );
}
