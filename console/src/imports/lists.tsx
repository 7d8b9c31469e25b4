/** The lists so far, most recent first: search by name, and keyset pages. */
import { Button } from "react-aria-components";
import { useQuery } from "urql";
import { go, withParams } from "../address";
import { dayAndTime, number, texts } from "../texts";
import { Link } from "../ui/link";
import { SearchBox } from "../ui/search-box";
import { Failure, Loading, NoAccount } from "../ui/states";
import { type ImportsView, importsAt } from "./address";
import { LISTS, type ListRow } from "./documents";
import { Frame, toCustomers } from "./frame";
import { Pages } from "./pages";
import { isEnded, notTaken } from "./progress";
import { stateText } from "./sentences";
import { usePolling } from "./use-polling";

const PAGE = 20;
const LIVE_MS = 5_000;
const said = texts.imports;

type Props = { account: string; name: string; view: ImportsView; denied: string | null };

export function Lists({ account, name, view, denied }: Props) {
  const variables = { account, search: view.search || null, first: PAGE, after: view.after };
  const [{ data, error, fetching }, reload] = useQuery({
    query: LISTS,
    variables,
    requestPolicy: "cache-and-network",
  });
  const found = data?.account?.bulkImports;
  const rows = found?.edges.map((edge) => edge.node) ?? [];
  const isLive = rows.some(({ progress }) => !isEnded(progress.state) || progress.estimatedFinishAt);
  const fresh = () => reload({ requestPolicy: "network-only" });
  usePolling(isLive ? LIVE_MS : null, fresh);
  if (data && !data.account && !error) return <NoAccount />;
  return (
    <Frame title={said.title} of={name} back={toCustomers()}>
      <div className="above-table">
        <SearchBox label={said.search} hint={said.search} term={view.search} search={search} />
        <p role="status">{found && said.found(found.totalCount, number(found.totalCount))}</p>
        {denied ? (
          <p className="reason">{denied}</p>
        ) : (
          <Button className="primary" onPress={() => go(importsAt({ new: "1" }))}>
            {said.newList}
          </Button>
        )}
      </div>
      {!found && (error ? <Failure error={error} retry={fresh} /> : <Loading />)}
      {found && rows.length === 0 && (
        <p className="state">{view.search ? said.nothingFound(view.search) : said.empty}</p>
      )}
      {rows.length > 0 && (
        <div aria-busy={fetching}>
          <Table rows={rows} />
        </div>
      )}
      {found && <Pages label={said.title} parameter="after" at={view.after} info={found.pageInfo} />}
    </Frame>
  );
}

function search(term: string): void {
  go(withParams({ search: term || null, after: null }), { replace: true });
}

function Table({ rows }: { rows: ListRow[] }) {
  const heads = [
    said.name,
    texts.filters.location,
    said.state,
    said.rows,
    said.invited,
    said.notTaken,
    said.startedOn,
    said.startedBy,
  ];
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className="wide" aria-label={said.title} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {heads.map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row key={row.id} row={row} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Row({ row }: { row: ListRow }) {
  const { progress, location } = row;
  return (
    <tr>
      <th scope="row">
        <Link to={importsAt({ import: row.id })}>
          <bdi>{row.name}</bdi>
        </Link>
      </th>
      <td>
        <bdi>{location.name}</bdi>
      </td>
      <td>{stateText(row)}</td>
      <td className="number">
        {progress.totalRows === null ? texts.table.none : number(progress.totalRows)}
      </td>
      <td className="number">{row.dryRun ? texts.table.none : number(progress.invitedRows)}</td>
      <td className="number">{number(notTaken(progress))}</td>
      <td>{dayAndTime(row.createdAt, location.timeZone)}</td>
      <td>
        <bdi>{row.createdBy}</bdi>
      </td>
    </tr>
  );
}
