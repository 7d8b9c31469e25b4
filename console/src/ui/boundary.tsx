/** Words in place of what could not be shown: a part that is gone since an update, or a fault of the console. */
import { Component, type ReactNode, Suspense } from "react";
import { texts } from "../texts";
import { Confirm } from "./confirm";
import { Reload } from "./states";

type Props = { instead: ReactNode; children: ReactNode };

export class Boundary extends Component<Props, { hasFailed: boolean }> {
  override state = { hasFailed: false };

  static getDerivedStateFromError() {
    return { hasFailed: true };
  }

  override render() {
    return this.state.hasFailed ? this.props.instead : this.props.children;
  }
}

/** In place of a page. */
export function Broken() {
  return (
    <main>
      <Reload sentence={texts.broken} />
    </main>
  );
}

/** A dialog or panel that is loaded when it is opened. */
export function LoadedDialog({ close, children }: { close: () => void; children: ReactNode }) {
  const reload = (agreed: boolean) => (agreed ? location.reload() : close());
  const question = (
    <Confirm title={texts.notLoaded} body={texts.broken} confirm={texts.reload} done={reload} />
  );
  return (
    <Boundary instead={question}>
      <Suspense>{children}</Suspense>
    </Boundary>
  );
}
