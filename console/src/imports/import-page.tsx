/** One import: its progress, live; what can be done with it; and the rows that were not taken. */
import { useEffect, useEffectEvent, useState } from "react";
import { useQuery, useSubscription } from "urql";
import { useIsLost, useIsOnline } from "../graph/reconnect";
import { dayAndTime, texts } from "../texts";
import { Link } from "../ui/link";
import { Failure, Loading, NoAccount } from "../ui/states";
import { customersAt, type ImportsView, importsAt } from "./address";
import { Controls } from "./controls";
import { Counts } from "./counts";
import { type BulkImport, FOLLOW, IMPORT } from "./documents";
import { Forecast } from "./forecast";
import { Frame, Steps, toLists } from "./frame";
import { isEnded, notTaken, pollMs } from "./progress";
import { RowErrors } from "./row-errors";
import { speedText } from "./sentences";
import { usePolling } from "./use-polling";

const said = texts.imports;

type Props = { account: string; id: string; view: ImportsView; may: boolean };

export function ImportPage({ account, id, view, may }: Props) {
  const [{ data, error }, reload] = useQuery({
    query: IMPORT,
    variables: { account, id },
    requestPolicy: "cache-and-network",
  });
  const fresh = () => reload({ requestPolicy: "network-only" });
  const found = data?.account?.bulkImport;
  if (data && !data.account && !error) return <NoAccount />;
  if (found) return <Followed found={found} account={account} view={view} may={may} fresh={fresh} />;
  return (
    <Frame title={said.title} back={toLists()}>
      {error && <Failure error={error} retry={fresh} />}
      {!error && (data ? <p className="state">{said.notFound}</p> : <Loading />)}
    </Frame>
  );
}

type FollowedProps = {
  found: BulkImport;
  account: string;
  view: ImportsView;
  may: boolean;
  fresh: () => void;
};

function Followed({ found, account, view, may, fresh }: FollowedProps) {
  const { progress } = found;
  const isLost = useFollowed(found, fresh);
  usePolling(pollMs(progress), fresh);
  const isChecked = progress.state === "VALIDATED";
  return (
    <Frame title={found.name} back={toLists()}>
      {isChecked && <Steps current="check" />}
      <Facts found={found} />
      <Counts found={found} />
      <p role="status" className="problem">
        {isLost && !isEnded(progress.state) && said.lost}
      </p>
      {progress.error && (
        <p role="alert" className="problem">
          {progress.error}
        </p>
      )}
      {found.forecast && <Forecast forecast={found.forecast} timeZone={found.location.timeZone} />}
      {may && <Controls found={found} />}
      {progress.state === "COMPLETED" && progress.invitedRows > 0 && (
        <p>
          <Link to={customersAt({ list: found.id, location: null })}>{said.showCustomers}</Link>
        </p>
      )}
      {may && isChecked && view.upload && (
        <p>
          <Link to={importsAt({ upload: view.upload })}>{said.change}</Link>
        </p>
      )}
      <Warnings warnings={found.warnings} />
      {notTaken(progress) > 0 && <RowErrors account={account} found={found} after={view.errorsAfter} />}
    </Frame>
  );
}

/** Follows the progress, which the cache writes into the import, until it ends. After a lost connection it goes on behind what has
 * been seen, and after a refusal the import is read again. Returns whether the connection is lost. */
function useFollowed({ id, progress }: BulkImport, fresh: () => void): boolean {
  const isOnline = useIsOnline();
  const [after, setAfter] = useState(progress.seq);
  const pause = isEnded(progress.state) || !isOnline;
  useEffect(() => {
    if (pause) setAfter(progress.seq);
  }, [pause, progress.seq]);
  const [{ error }] = useSubscription({ query: FOLLOW, variables: { id, after }, pause });
  const look = useEffectEvent(fresh);
  useEffect(() => {
    if (error) look();
  }, [error]);
  return useIsLost();
}

function Facts({ found }: { found: BulkImport }) {
  const lines = [
    [texts.filters.location, found.location.name],
    [said.channels, found.channels.map((one) => said.channel[one]).join(", ")],
    [said.speed.title, speedText(found.sendSpeed)],
    [said.startedOn, dayAndTime(found.createdAt, found.location.timeZone)],
    [said.startedBy, found.createdBy],
  ];
  return (
    <dl className="facts">
      {lines.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd dir="auto">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Warnings({ warnings }: { warnings: BulkImport["warnings"] }) {
  if (warnings.length === 0) return null;
  return (
    <section>
      <h2>{said.warnings.title}</h2>
      <ul>
        {warnings.map((one) => (
          <li key={`${one.code} ${one.column}`}>
            {said.warnings[one.code](one.count, one.column, one.rows.join(", "))}
          </li>
        ))}
      </ul>
    </section>
  );
}
