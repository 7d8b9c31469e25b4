/** What stands where an answer failed: try again without a connection, or the server's own words and a way on. */
import type { CombinedError } from "urql";
import { isOutdated, refusalOf } from "../graph/refusals";
import { Link } from "./link";
import { Reason } from "./reason";
import { Failure } from "./states";

type Props = { error: CombinedError; retry: () => void; onward: string; onwardName: string };

export function Problem({ error, retry, onward, onwardName }: Props) {
  if (error.graphQLErrors.length === 0 || isOutdated(error)) return <Failure error={error} retry={retry} />;
  return (
    <div className="state" role="alert">
      <p>
        <Reason refusal={refusalOf(error)} />
      </p>
      <Link to={onward}>{onwardName}</Link>
    </div>
  );
}
