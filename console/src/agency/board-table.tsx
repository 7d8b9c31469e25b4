/** The table of clients: the columns in their groups, a link into each account, and keyset pages. */
import type { ReactNode } from "react";
import { Button } from "react-aria-components";
import { go, withParams } from "../address";
import { isAllTime } from "../funnel/days";
import { STAGES } from "../funnel/stages";
import { day, decimal, number, texts } from "../texts";
import { Link } from "../ui/link";
import { Marked } from "../ui/marked";
import { addressOf } from "../views";
import type { Client, Clients } from "./board-page";
import { type BoardView, type ClientOrder, type ClientOrderField, orderAfter } from "./board-view";

const said = texts.clients;
const { none } = texts.table;
type Column = { id: string; name: string; order?: ClientOrderField; cell: (client: Client) => ReactNode };

const CYCLE: Column[] = [
  {
    id: "invitedThisCycle",
    name: said.invitedThisCycle,
    order: "INVITED_THIS_CYCLE",
    cell: ({ usage }) => number(usage.invitedThisCycle),
  },
  {
    id: "allowanceUsed",
    name: said.allowanceUsed,
    order: "ALLOWANCE_USED",
    cell: (client) => <Used client={client} />,
  },
  { id: "resetsOn", name: said.resetsOn, cell: ({ usage }) => day(usage.resetsOn) },
];
const FUNNEL: Column[] = STAGES.map((stage) => ({
  id: stage,
  name: texts.funnel.stages[stage],
  cell: ({ funnel }) => number(funnel[stage]),
}));
const SCORES: Column[] = [
  {
    id: "nps",
    name: said.nps,
    order: "NPS",
    cell: ({ funnel: { npsNet } }) => (npsNet === null ? none : number(npsNet)),
  },
  {
    id: "rating",
    name: said.rating,
    order: "RATING",
    cell: ({ funnel: { ratingAverage } }) => (ratingAverage === null ? none : decimal(ratingAverage)),
  },
];
const FIGURES = [...CYCLE, ...SCORES, ...FUNNEL];

export function BoardTable({ clients, view }: { clients: Clients; view: BoardView }) {
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section className="wide board" aria-label={said.title} tabIndex={0}>
        <table>
          <Heads view={view} />
          <tbody>
            {clients.edges.map(({ node }) => (
              <Row key={node.account.id} client={node} term={view.search} />
            ))}
          </tbody>
        </table>
      </section>
      <Pages info={clients.pageInfo} isFirst={view.after === null} />
    </>
  );
}

function Heads({ view }: { view: BoardView }) {
  const [scores, funnel] = isAllTime(view.days)
    ? [said.scoresOfAllTime, said.funnelOfAllTime]
    : [said.scoresOfPeriod, said.funnelOfPeriod];
  const columns: Column[] = [
    { id: "client", name: said.client, order: "NAME", cell: () => null },
    ...FIGURES,
  ];
  return (
    <>
      <colgroup span={1} />
      <colgroup span={CYCLE.length} />
      <colgroup span={SCORES.length} />
      <colgroup span={FUNNEL.length} />
      <thead>
        <tr>
          <td />
          <Group name={said.cycle} columns={CYCLE} />
          <Group name={scores} columns={SCORES} />
          <Group name={funnel} columns={FUNNEL} />
        </tr>
        <tr>
          {columns.map((column) => (
            <Head key={column.id} column={column} order={view.order} />
          ))}
        </tr>
      </thead>
    </>
  );
}

function Group({ name, columns }: { name: string; columns: Column[] }) {
  return (
    <th className="group" scope="colgroup" colSpan={columns.length}>
      {name}
    </th>
  );
}

function Head({ column: { name, order: own }, order }: { column: Column; order: ClientOrder }) {
  if (!own) return <th scope="col">{name}</th>;
  const isOrdered = order.field === own;
  const sorted = order.direction === "ASC" ? "ascending" : "descending";
  return (
    <th scope="col" aria-sort={isOrdered ? sorted : "none"}>
      <Button onPress={() => go(withParams({ order: orderAfter(order, own), after: null }))}>
        {name}
        <span aria-hidden="true">{isOrdered ? (sorted === "ascending" ? " ▲" : " ▼") : ""}</span>
      </Button>
    </th>
  );
}

function Row({ client, term }: { client: Client; term: string }) {
  const { id, name, plan } = client.account;
  return (
    <tr>
      <th scope="row">
        <Link to={addressOf("customers", id)}>
          <Marked text={name} term={term} />
        </Link>
        <small>{texts.plans[plan]}</small>
      </th>
      {FIGURES.map((column) => (
        <td key={column.id} className="number">
          {column.cell(client)}
        </td>
      ))}
    </tr>
  );
}

function Used({ client: { usage, account } }: { client: Client }) {
  const { totalInvited, allowance } = usage;
  if (totalInvited === null) return none;
  if (allowance === null) return number(totalInvited);
  return (
    <>
      {texts.cards.totalOf(number(totalInvited), number(allowance))}
      <meter
        aria-label={said.usedOf(account.name)}
        min={0}
        max={allowance}
        value={totalInvited}
        high={allowance * 0.9}
      />
    </>
  );
}

function Pages({ info, isFirst }: { info: Clients["pageInfo"]; isFirst: boolean }) {
  return (
    <nav className="pages" tabIndex={-1} aria-label={said.pages}>
      <Button isDisabled={isFirst} onPress={() => go(withParams({ after: null }))}>
        {said.firstPage}
      </Button>
      <Button isDisabled={!info.hasNextPage} onPress={() => go(withParams({ after: info.endCursor }))}>
        {texts.table.next}
      </Button>
    </nav>
  );
}
