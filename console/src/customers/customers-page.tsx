/** The Customers page: usage cards, search, table and the detail panel. */
import { lazy, Suspense } from "react";
import { useQuery } from "urql";
import { go, useAddress, withParams } from "../address";
import { graphql, type ResultOf } from "../graph/graphql";
import { BulkImportButton } from "../imports/entry";
import { InviteButton } from "../invite/invite-button";
import { texts } from "../texts";
import { Problem } from "../ui/problem";
import { Loading } from "../ui/states";
import { whyNot } from "../ui/why-not";
import { addressOf } from "../views";
import { Cards } from "./cards";
import { Filters } from "./filters";
import { MOVABLE, WHY_NOT } from "./row-actions";
import { CustomerTable } from "./table";
import { readView, variablesOf } from "./view";

const DetailPanel = lazy(() => import("./detail-panel"));

export const CUSTOMERS = graphql(
  `
  query Customers(
    $account: ID!, $location: ID, $search: String, $filter: CustomerFilter, $order: CustomerOrder
    $first: Int, $after: String, $last: Int, $before: String
  ) {
    account(id: $account) {
      id name timeZone
      can {
        stopInvitation { allowed code reason requiredRoles requiredPlans } inviteCustomer { allowed code reason requiredRoles requiredPlans }
        bulkImport { allowed code reason requiredRoles requiredPlans }
      }
      usage(locationId: $location) {
        totalInvited allowance reserved remaining invitedThisCycle resetsOn buyMoreUrl
      }
      locations(first: 100) { edges { node { id name timeZone } } }
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
export type Account = NonNullable<ResultOf<typeof CUSTOMERS>["account"]>;
export type Page = Account["customers"];
export type Row = Page["edges"][number]["node"];

export function CustomersPage({ account }: { account: { id: string; timeZone: string } }) {
  const view = readView(useAddress().params);
  const [{ data, error, fetching }, reload] = useQuery({
    query: CUSTOMERS,
    variables: variablesOf(account.id, account.timeZone, view),
    requestPolicy: "cache-and-network", // others, and imports, add customers meanwhile
  });
  const again = () => reload({ requestPolicy: "network-only" });
  if (error && !data?.account) {
    return (
      <Problem
        error={error}
        retry={again}
        onward={addressOf("customers", account.id)}
        onwardName={texts.table.all}
      />
    );
  }
  if (!data?.account) return <Loading />;
  const found = data.account;
  const locations = found.locations.edges.map((edge) => edge.node);
  const showActivity = (id: string | null) => go(withParams({ customer: id }));
  return (
    <main aria-busy={fetching}>
      <title>{`${texts.customers} · ${found.name} · ${texts.name}`}</title>
      <h1>{texts.customers}</h1>
      <Cards usage={found.usage} location={locations.find((one) => one.id === view.location)?.name ?? null} />
      <div className="above-table">
        <Filters
          account={found.id}
          view={view}
          locations={locations}
          timeZone={account.timeZone}
          count={found.customers.totalCount}
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
      <CustomerTable page={found.customers} view={view} showActivity={showActivity} />
      {view.customer && (
        <Suspense>
          <DetailPanel account={found.id} customer={view.customer} close={() => showActivity(null)} />
        </Suspense>
      )}
    </main>
  );
}
