/** The Customers page: usage cards, search, table and the detail panel. */
import { useQuery } from "urql";
import { go, useAddress, withParams } from "../address";
import { graphql, type ResultOf } from "../graph/graphql";
import { BulkImportButton } from "../imports/entry";
import { InviteButton } from "../invite/invite-button";
import { part } from "../parts";
import { texts } from "../texts";
import { LoadedDialog } from "../ui/boundary";
import { Problem } from "../ui/problem";
import { Loading, NoAccount } from "../ui/states";
import { whyNot } from "../ui/why-not";
import { addressOf } from "../views";
import { Cards } from "./cards";
import { Filters } from "./filters";
import { MOVABLE, WHY_NOT } from "./row-actions";
import { CustomerTable } from "./table";
import { readView, variablesOf } from "./view";

const DetailPanel = part(() => import("./detail-panel"));

/** What is around the table. It stays while somebody types, so that a key asks for rows alone. */
const AROUND = graphql(`
  query AroundCustomers($account: ID!, $location: ID) {
    account(id: $account) {
      id name
      can {
        stopInvitation { allowed code reason requiredRoles requiredPlans } inviteCustomer { allowed code reason requiredRoles requiredPlans }
        bulkImport { allowed code reason requiredRoles requiredPlans }
      }
      usage(locationId: $location) {
        totalInvited allowance reserved remaining invitedThisCycle resetsOn buyMoreUrl
      }
      locations(first: 100) { edges { node { id name timeZone } } }
    }
  }
`);
export const CUSTOMERS = graphql(
  `
  query Customers(
    $account: ID!, $search: String, $filter: CustomerFilter, $order: CustomerOrder
    $first: Int, $after: String, $last: Int, $before: String
  ) {
    account(id: $account) {
      id
      customers(
        search: $search, filter: $filter, orderBy: $order, first: $first, after: $after, last: $last, before: $before
      ) {
        totalCount { value exact }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        edges {
          node {
            id firstName lastName email phone source invitedOn npsScore rating
            location { id name timeZone }
            linkedReview { id platform { key name } }
            invitation { ...Movable }
          }
        }
      }
    }
  }
`,
  [MOVABLE],
);
export type Account = NonNullable<ResultOf<typeof AROUND>["account"]>;
export type Page = NonNullable<ResultOf<typeof CUSTOMERS>["account"]>["customers"];
export type Row = Page["edges"][number]["node"];

function showActivity(id: string | null): void {
  go(withParams({ customer: id }));
}

export function CustomersPage({ account }: { account: { id: string; timeZone: string } }) {
  const view = readView(useAddress().params);
  const [around, reloadAround] = useQuery({
    query: AROUND,
    variables: { account: account.id, location: view.location },
    requestPolicy: "cache-and-network",
  });
  const [{ data, error, fetching, operation }, reload] = useQuery({
    query: CUSTOMERS,
    variables: variablesOf(account.id, account.timeZone, view),
    requestPolicy: "cache-and-network", // others, and imports, add customers meanwhile
  });
  const again = () => {
    reloadAround({ requestPolicy: "network-only" });
    reload({ requestPolicy: "network-only" });
  };
  const failed = around.error ?? error;
  const problem = failed && (
    <Problem
      error={failed}
      retry={again}
      onward={addressOf("customers", account.id)}
      onwardName={texts.table.all}
    />
  );
  const [found, page] = [around.data?.account, data?.account?.customers];
  if (problem && !(found && page)) return problem;
  if (!around.data || !data) return <Loading />;
  if (!found || !page) return <NoAccount />;
  const locations = found.locations.edges.map((edge) => edge.node);
  return (
    <main aria-busy={fetching}>
      <title>{`${texts.customers} · ${found.name} · ${texts.name}`}</title>
      <h1>{texts.customers}</h1>
      {problem}
      <Cards usage={found.usage} location={locations.find((one) => one.id === view.location)?.name ?? null} />
      <div className="above-table">
        <Filters
          account={found.id}
          view={view}
          locations={locations}
          timeZone={account.timeZone}
          count={page.totalCount}
          canSeeLists={found.can.bulkImport.requiredRoles === null}
        />
        <InviteButton
          can={found.can.inviteCustomer}
          locations={locations}
          location={view.location}
          reload={again}
        />
        <BulkImportButton can={found.can.bulkImport} />
      </div>
      {!found.can.stopInvitation.allowed && (
        <p id={WHY_NOT} className="reason">
          {texts.stop.cannot} {whyNot(found.can.stopInvitation)}
        </p>
      )}
      <CustomerTable
        page={page}
        term={operation?.variables.search ?? ""}
        view={view}
        showActivity={showActivity}
      />
      {view.customer && (
        <LoadedDialog close={() => showActivity(null)}>
          <DetailPanel account={found.id} customer={view.customer} close={() => showActivity(null)} />
        </LoadedDialog>
      )}
    </main>
  );
}
