/** Inviting one customer: the button, or why it is disabled; the dialog that it opens, and what came of it. */
import { useId, useState } from "react";
import { Button } from "react-aria-components";
import { go, withParams } from "../address";
import { part } from "../parts";
import { texts } from "../texts";
import { LoadedDialog } from "../ui/boundary";
import { type Capability, whyNot } from "../ui/why-not";

const InviteDialog = part(() => import("./invite-dialog"));

export type Invited = { message: string; customer: string };
export type Place = { id: string; name: string; timeZone: string };
type Props = {
  can: Capability;
  locations: Place[];
  location: string | null;
  reload: () => void;
};

export function InviteButton({ can, locations, location, reload }: Props) {
  const [isOpen, setOpen] = useState(false);
  const [last, setLast] = useState<Invited | null>(null);
  const reason = useId();
  const done = (invited: Invited) => {
    setOpen(false);
    setLast(invited);
    reload();
  };
  return (
    <div className="invite">
      <Button isDisabled={!can.allowed} aria-describedby={reason} onPress={() => setOpen(true)}>
        {texts.invite.button}
      </Button>
      <span id={reason} className="reason">
        {!can.allowed && whyNot(can)}
      </span>
      <span role="status">{last?.message}</span>
      {last && (
        <Button onPress={() => go(withParams({ customer: last.customer }))}>{texts.invite.look}</Button>
      )}
      {isOpen && (
        <LoadedDialog close={() => setOpen(false)}>
          <InviteDialog locations={locations} location={location} close={() => setOpen(false)} done={done} />
        </LoadedDialog>
      )}
    </div>
  );
}
