/** The button above the customer table that leads to the imports, or why there is no way in. */
import { memo, useId } from "react";
import { Button } from "react-aria-components";
import { go } from "../address";
import { texts } from "../texts";
import { type Capability, whyNot } from "../ui/why-not";
import { importsAt } from "./address";

export const BulkImportButton = memo(function BulkImportButton({ can }: { can: Capability }) {
  const reason = useId();
  return (
    <div className="bulk-import">
      <Button
        className="primary"
        isDisabled={!can.allowed}
        {...(can.allowed ? {} : { "aria-describedby": reason })}
        onPress={() => go(importsAt())}
      >
        {texts.imports.button}
      </Button>
      {!can.allowed && (
        <p id={reason} className="reason">
          {whyNot(can)}
        </p>
      )}
    </div>
  );
});
