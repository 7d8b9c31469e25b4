/** What stands where content is not there: still loading, or unreachable. */
import { Button } from "react-aria-components";
import { texts } from "../texts";

export function Loading() {
  return (
    <p className="state" role="status">
      {texts.loading}
    </p>
  );
}

export function Failure({ retry }: { retry: () => void }) {
  return (
    <div className="state" role="alert">
      <p>{texts.unreachable}</p>
      <Button onPress={retry}>{texts.tryAgain}</Button>
    </div>
  );
}
