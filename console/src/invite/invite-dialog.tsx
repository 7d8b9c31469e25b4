/** The dialog in which one customer is invited. */
import { type FormEvent, useEffect, useRef, useState } from "react";
import { Button, Dialog, Form, Heading, Modal, ModalOverlay } from "react-aria-components";
import { useMutation } from "urql";
import { graphql, type ResultOf } from "../graph/graphql";
import { dayAndTime, texts } from "../texts";
import { attempt, inputOf, type Problems, problemsOf, randomKey, type Sent } from "./answers";
import { Channels, Location, Text } from "./fields";
import type { Invited } from "./invite-button";
import "./invite.css";

const said = texts.invite;
export const INVITE = graphql(`
  mutation InviteCustomer($input: InviteCustomerInput!) {
    inviteCustomer(input: $input) {
      invitation { id state nextMessageAt customer { id firstName lastName email phone } }
      userErrors { field message }
    }
  }
`);
type Invitation = NonNullable<NonNullable<ResultOf<typeof INVITE>["inviteCustomer"]>["invitation"]>;
type Place = { id: string; name: string; timeZone: string };
type Props = { locations: Place[]; location: string | null; close: () => void; done: (one: Invited) => void };

export default function InviteDialog({ locations, location, close, done }: Props) {
  return (
    <ModalOverlay className="overlay" isOpen onOpenChange={close}>
      <Modal className="modal invite-dialog">
        <Dialog>
          <Heading slot="title">{said.title}</Heading>
          <InviteForm locations={locations} location={location} close={close} done={done} />
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

function InviteForm({ locations, location, close, done }: Props) {
  const form = useRef<HTMLFormElement>(null);
  const sent = useRef<Sent | null>(null);
  const [problems, setProblems] = useState<{ beside: Problems; alone: string[] }>({ beside: {}, alone: [] });
  const [{ fetching }, run] = useMutation(INVITE);

  // The first field to correct gets the focus.
  useEffect(() => {
    if (Object.keys(problems.beside).length > 0) {
      const wrong = "[data-invalid] :is(input, button), [aria-invalid=true]";
      form.current?.querySelector<HTMLElement>(wrong)?.focus();
    }
  }, [problems]);

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (fetching) return;
    const input = inputOf(new FormData(event.currentTarget));
    if (!input.locationId) return setProblems({ beside: { locationId: said.chooseLocation }, alone: [] });
    sent.current = attempt(sent.current, input, randomKey);
    const { data, error } = await run({ input: { ...input, idempotencyKey: sent.current.key } });
    sent.current.isAnswered = !error?.networkError;
    const invitation = data?.inviteCustomer?.invitation;
    if (invitation)
      return done({ message: messageOf(invitation, input.locationId), customer: invitation.customer.id });
    if (error)
      return setProblems({ beside: {}, alone: [error.graphQLErrors[0]?.message ?? texts.unreachable] });
    setProblems(problemsOf(data?.inviteCustomer?.userErrors ?? []));
  };

  const messageOf = ({ customer, nextMessageAt }: Invitation, from: string) => {
    const { firstName, lastName, email, phone } = customer;
    const name = [firstName, lastName].filter(Boolean).join(" ") || email || phone || texts.activity.unnamed;
    const zone = locations.find((one) => one.id === from)?.timeZone ?? "UTC";
    return nextMessageAt ? said.doneAndDue(name, dayAndTime(nextMessageAt, zone)) : said.done(name);
  };

  return (
    <Form ref={form} validationBehavior="aria" validationErrors={problems.beside} onSubmit={submit}>
      {problems.alone.length > 0 && <p role="alert">{problems.alone.join(" ")}</p>}
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
        <Button type="submit" className="primary" isPending={fetching}>
          {said.send}
        </Button>
      </div>
    </Form>
  );
}
