/** The customer table: the columns in their order, marked terms, and keyset pages. */
import { memo, type ReactNode } from "react";
import { go, useAddress, withParams } from "../address";
import { dayOf, number, texts } from "../texts";
import { Marked } from "../ui/marked";
import type { Page, Row } from "./customers-page";
import { RowActions } from "./row-actions";
import { isNarrowed, type OrderField, orderAfter, type View } from "./view";

const said = texts.table;
type Column = {
  name: string;
  order?: OrderField;
  className?: "number" | "email";
  cell: (row: Row, term: string) => ReactNode;
};

/** The columns in their order. */
const COLUMNS: Column[] = [
  {
    name: said.invitedOn,
    order: "INVITED_ON",
    className: "number",
    cell: (row) => dayOf(row.invitedOn, row.location.timeZone),
  },
  { name: said.location, cell: (row) => row.location.name },
  {
    name: said.firstName,
    order: "FIRST_NAME",
    cell: (row, term) => <Marked text={row.firstName} term={term} />,
  },
  {
    name: said.lastName,
    order: "LAST_NAME",
    cell: (row, term) => <Marked text={row.lastName} term={term} />,
  },
  { name: said.email, className: "email", cell: (row, term) => <Marked text={row.email} term={term} /> },
  { name: said.phone, className: "number", cell: (row, term) => <Marked text={row.phone} term={term} /> },
  { name: said.source, cell: (row) => row.source },
  { name: said.nps, order: "NPS_SCORE", className: "number", cell: (row) => row.npsScore ?? said.none },
  { name: said.rating, order: "RATING", className: "number", cell: (row) => <Rating row={row} /> },
];

/** `term`: what the rows were searched by, while the view may be a key ahead. */
type Props = { page: Page; term: string; view: View; showActivity: (customer: string) => void };

export function CustomerTable({ page, term, view, showActivity }: Props) {
  if (page.edges.length === 0) {
    return <Nothing term={term} view={view} />;
  }
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section className="wide customers" aria-label={said.title} tabIndex={0}>
        <table>
          <thead>
            <tr>
              {COLUMNS.map((column) => (
                <Head key={column.name} column={column} view={view} />
              ))}
              <th scope="col">{said.actions}</th>
            </tr>
          </thead>
          <tbody>
            {page.edges.map(({ node }) => (
              <CustomerRow key={node.id} row={node} term={term} showActivity={showActivity} />
            ))}
          </tbody>
        </table>
      </section>
      <Pages info={page.pageInfo} />
    </>
  );
}

type RowProps = { row: Row; term: string; showActivity: Props["showActivity"] };

/** A row, which stays as it is while another page is asked for. */
const CustomerRow = memo(function CustomerRow({ row, term, showActivity }: RowProps) {
  return (
    <tr>
      {COLUMNS.map((column) => (
        <td key={column.name} className={column.className}>
          {column.cell(row, term)}
        </td>
      ))}
      <td>
        <RowActions row={row} showActivity={() => showActivity(row.id)} />
      </td>
    </tr>
  );
});

function Nothing({ term, view }: { term: string; view: View }) {
  const { params } = useAddress();
  const isFiltered = view.location !== null || isNarrowed(params);
  const sentence = term ? said.nothingFound(term) : isFiltered ? said.emptyFiltered : said.empty;
  return <p className="state">{sentence}</p>;
}

function Head({ column, view }: { column: Column; view: View }) {
  const { order, name } = column;
  if (!order) return <th scope="col">{name}</th>;
  const isOrdered = view.order.field === order;
  const sorted = view.order.direction === "ASC" ? "ascending" : "descending";
  const turn = () => go(withParams({ order: orderAfter(view.order, order), after: null, before: null }));
  return (
    <th scope="col" aria-sort={isOrdered ? sorted : "none"}>
      <button type="button" onClick={turn}>
        {name}
        <span aria-hidden="true">{isOrdered ? (sorted === "ascending" ? " ▲" : " ▼") : ""}</span>
      </button>
    </th>
  );
}

function Rating({ row }: { row: Row }) {
  if (row.rating === null) return said.none;
  const platform = row.linkedReview?.platform.name ?? "";
  return (
    <>
      <span aria-hidden="true">{`${number(row.rating)} ★ `}</span>
      <span aria-hidden="true">{platform}</span>
      <span className="unseen">{said.stars(number(row.rating), platform)}</span>
    </>
  );
}

function Pages({ info }: { info: Page["pageInfo"] }) {
  const before = () => go(withParams({ before: info.startCursor, after: null }));
  const after = () => go(withParams({ after: info.endCursor, before: null }));
  return (
    <nav className="pages" tabIndex={-1} aria-label={said.title}>
      <button type="button" disabled={!info.hasPreviousPage} onClick={before}>
        {said.previous}
      </button>
      <button type="button" disabled={!info.hasNextPage} onClick={after}>
        {said.next}
      </button>
    </nav>
  );
}
