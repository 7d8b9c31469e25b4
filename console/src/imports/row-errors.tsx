/** The rows that were not taken, with their reasons, and the file to mend and import again. */
import { useEffect, useEffectEvent } from "react";
import { useQuery } from "urql";
import { number, texts } from "../texts";
import { Failure, Loading } from "../ui/states";
import { type BulkImport, ROW_ERRORS, type RowErrors as Rows } from "./documents";
import { Pages } from "./pages";
import { notTaken } from "./progress";

const PAGE = 20;
const said = texts.imports.errors;

type Props = { account: string; found: BulkImport; after: string | null };

export function RowErrors({ account, found, after }: Props) {
  const { state } = found.progress;
  const [{ data, error }, reload] = useQuery({
    query: ROW_ERRORS,
    variables: { account, id: found.id, first: PAGE, after },
    requestPolicy: "cache-and-network",
  });
  const fresh = useEffectEvent(() => reload({ requestPolicy: "network-only" }));
  const known = Math.min(notTaken(found.progress), PAGE);
  // biome-ignore lint/correctness/useExhaustiveDependencies: more errors, or another state, are read again
  useEffect(() => fresh(), [state, known]);
  const rows = data?.account?.bulkImport?.rowErrors;
  return (
    <section>
      <h2>{said.title}</h2>
      {found.errorReportUrl && (
        <p>
          <a href={found.errorReportUrl} download>
            {said.download}
          </a>{" "}
          <span className="reason">{said.downloadHint}</span>
        </p>
      )}
      {!rows &&
        (error ? (
          <Failure error={error} retry={() => reload({ requestPolicy: "network-only" })} />
        ) : (
          <Loading />
        ))}
      {rows && <Table rows={rows} />}
      {rows && <Pages label={said.title} parameter="errors" at={after} info={rows.pageInfo} />}
    </section>
  );
}

function Table({ rows }: { rows: Rows }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className="wide" aria-label={said.title} tabIndex={0}>
      <table className="row-errors">
        <thead>
          <tr>
            {[said.row, said.column, said.value, said.reason].map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.edges.map(({ node }) => (
            <tr key={`${node.row} ${node.code} ${node.column}`}>
              <td className="number">{number(node.row)}</td>
              <td>
                <bdi>{node.column ?? texts.table.none}</bdi>
              </td>
              <td>
                <bdi>{node.value ?? texts.table.none}</bdi>
              </td>
              <td>
                <b>{said.codes[node.code]}</b>
                <br />
                <span lang="en">{node.message}</span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
