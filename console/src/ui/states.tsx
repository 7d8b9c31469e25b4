/** What stands where content is not there: still loading, unreachable, out of date, or gone. */
import { useEffect } from "react";
import { Button } from "react-aria-components";
import { type Failed, isOutdated } from "../graph/refusals";
import { askAgain } from "../graph/shown";
import { texts } from "../texts";
import { Link } from "./link";

export function Loading({ sentence = texts.loading }: { sentence?: string }) {
  return (
    <p className="state" role="status">
      {sentence}
    </p>
  );
}

export function Failure({ error, retry }: { error?: Failed; retry: () => void }) {
  if (error && isOutdated(error)) return <Reload sentence={texts.outdated} />;
  return (
    <div className="state" role="alert">
      <p>{texts.unreachable}</p>
      <Button onPress={retry}>{texts.tryAgain}</Button>
    </div>
  );
}

export function Reload({ sentence }: { sentence: string }) {
  return (
    <div className="state" role="alert">
      <p>{sentence}</p>
      <Button onPress={() => location.reload()}>{texts.reload}</Button>
    </div>
  );
}

/** In place of a page whose account is not there, or not any more: all is asked for again, also whether one is a member at all. */
export function NoAccount() {
  useEffect(askAgain, []);
  return (
    <main className="state">
      <title>{texts.name}</title>
      <h1>{texts.account}</h1>
      <p>{texts.pages.noAccount}</p>
      <Link to="/">{texts.pages.home}</Link>
    </main>
  );
}
