/** The dialog in which one customer is invited. */
import { useEffect, useRef } from "react";
import { Button, Dialog, Form, Heading, Modal, ModalOverlay } from "react-aria-components";
import { texts } from "../texts";
import { Reasons } from "../ui/reason";
import { Channels, Location, ProblemsContext, Text } from "./fields";
import type { Invited, Place } from "./invite-button";
import { useInvite } from "./use-invite";
import "./invite.css";

const said = texts.invite;
type Props = { locations: Place[]; location: string | null; close: () => void; done: (one: Invited) => void };

export default function InviteDialog(props: Props) {
  return (
    <ModalOverlay className="overlay" isOpen onOpenChange={props.close}>
      <Modal className="modal invite-dialog">
        <Dialog>
          <Heading slot="title">{said.title}</Heading>
          <InviteForm {...props} />
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

function InviteForm({ locations, location, close, done }: Props) {
  const form = useRef<HTMLFormElement>(null);
  const { submit, problems, correct, answers, isSending } = useInvite(locations, done);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the first field to correct gets the focus at each answer
  useEffect(
    () => form.current?.querySelector<HTMLElement>("[data-invalid] :is(input, button)")?.focus(),
    [answers],
  );
  return (
    <ProblemsContext value={{ problems: problems.beside, correct }}>
      <Form ref={form} validationBehavior="aria" onSubmit={submit}>
        <Reasons refusals={problems.alone} />
        <Location locations={locations} chosen={location} />
        <Text name="firstName" autoFocus={location !== null || locations.length === 1} />
        <Text name="lastName" />
        <Text name="email" inputMode="email" />
        <Text name="phone" inputMode="tel" />
        <Channels />
        <Text name="employee" />
        <Text name="service" />
        <div className="buttons">
          <Button onPress={close}>{texts.cancel}</Button>
          <Button type="submit" className="primary" isPending={isSending}>
            {said.send}
          </Button>
        </div>
      </Form>
    </ProblemsContext>
  );
}
