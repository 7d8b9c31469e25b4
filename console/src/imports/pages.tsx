/** Keyset pages that only go forward: the next one, and back to the first. The browser's Back button goes back by one. */
import { Button } from "react-aria-components";
import { go, withParams } from "../address";
import { texts } from "../texts";

type Props = {
  label: string;
  parameter: string;
  at: string | null;
  info: { hasNextPage: boolean; endCursor: string | null };
};

export function Pages({ label, parameter, at, info }: Props) {
  if (!at && !info.hasNextPage) return null;
  return (
    <nav className="pages" tabIndex={-1} aria-label={label}>
      <Button isDisabled={!at} onPress={() => go(withParams({ [parameter]: null }))}>
        {texts.imports.firstPage}
      </Button>
      <Button isDisabled={!info.hasNextPage} onPress={() => go(withParams({ [parameter]: info.endCursor }))}>
        {texts.table.next}
      </Button>
    </nav>
  );
}
