/** What stands where an answer failed: try again without a connection, or the server's own words and a way on. */
import type { CombinedError } from "urql";
import { Link } from "./link";
import { Failure } from "./states";

type Props = { error: CombinedError; retry: () => void; onward: string; onwardName: string };

export function Problem({ error, retry, onward, onwardName }: Props) {
  const [refusal] = error.graphQLErrors;
  if (!refusal) return <Failure retry={retry} />;
  return (
    <div className="state" role="alert">
      <p>{refusal.message}</p>
      <Link to={onward}>{onwardName}</Link>
    </div>
  );
}
