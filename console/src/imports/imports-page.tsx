/** The page of imports, which shows the lists so far, a new list, or one import, as its address says. */
import { useQuery } from "urql";
import { useAddress } from "../address";
import { texts } from "../texts";
import { Failure, Loading, NoAccount } from "../ui/states";
import { whyNot } from "../ui/why-not";
import { readImports } from "./address";
import { GATE } from "./documents";
import { FileStep } from "./file-step";
import { Frame, toCustomers } from "./frame";
import { ImportPage } from "./import-page";
import "./imports.css";
import { Lists } from "./lists";
import { SetUp } from "./set-up";

const said = texts.imports;

export default function ImportsPage({ account }: { account: string }) {
  const { params } = useAddress();
  const view = readImports(params);
  const [{ data, error }, reload] = useQuery({ query: GATE, variables: { account } });
  if (data && !data.account && !error) return <NoAccount />;
  if (!data?.account) {
    return (
      <Frame title={said.title} back={toCustomers()}>
        {error ? (
          <Failure error={error} retry={() => reload({ requestPolicy: "network-only" })} />
        ) : (
          <Loading />
        )}
      </Frame>
    );
  }
  const { can, locations, name, timeZone } = data.account;
  const may = can.bulkImport;
  if (!may.allowed && (may.code !== "PLAN" || view.isNew || view.upload))
    return <Denied reason={whyNot(may)} />;
  if (view.bulkImport)
    return (
      <ImportPage
        key={view.bulkImport}
        account={account}
        id={view.bulkImport}
        view={view}
        may={may.allowed}
      />
    );
  if (view.upload)
    return (
      <SetUp
        key={view.upload}
        upload={view.upload}
        timeZone={timeZone}
        locations={locations.edges.map((edge) => edge.node)}
        preferred={params.get("location")}
      />
    );
  if (view.isNew) return <FileStep />;
  return <Lists account={account} name={name} view={view} denied={may.allowed ? null : whyNot(may)} />;
}

function Denied({ reason }: { reason: string }) {
  return (
    <Frame title={said.title} back={toCustomers()}>
      <p className="state">{reason}</p>
    </Frame>
  );
}
