/** Sends the form of the dialog, and keeps what is to correct about it. */
import { type FormEvent, useRef, useState } from "react";
import { useMutation } from "urql";
import { nameOf } from "../customers/name";
import { graphql, type ResultOf } from "../graph/graphql";
import { refusalsOf } from "../graph/refusals";
import { dayAndTime, texts } from "../texts";
import { attempt, inputOf, NOTHING, type Problems, problemsOf, randomKey, type Sent } from "./answers";
import type { Invited, Place } from "./invite-button";

const said = texts.invite;
const CHOOSE_LOCATION = { part: "locationId", message: said.chooseLocation };
export const INVITE = graphql(`
  mutation InviteCustomer($input: InviteCustomerInput!) {
    inviteCustomer(input: $input) {
      invitation { id state nextMessageAt customer { id firstName lastName email phone } }
      userErrors { field code message }
    }
  }
`);
type Invitation = NonNullable<NonNullable<ResultOf<typeof INVITE>["inviteCustomer"]>["invitation"]>;

/** `answers` counts the times that something was to correct. */
export function useInvite(locations: Place[], done: (one: Invited) => void) {
  const sent = useRef<Sent | null>(null);
  const [problems, setProblems] = useState<Problems>(NOTHING);
  const [answers, setAnswers] = useState(0);
  const [{ fetching }, run] = useMutation(INVITE);

  const tell = (found: Problems) => {
    setProblems(found);
    setAnswers((before) => before + 1);
  };
  const correct = (name: string) =>
    setProblems(({ beside: { [name]: _, ...beside }, alone }) => ({ beside, alone }));
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (fetching) return;
    const input = inputOf(new FormData(event.currentTarget));
    if (!input.locationId) return tell(problemsOf([CHOOSE_LOCATION]));
    sent.current = attempt(sent.current, input, randomKey);
    const { data, error } = await run({ input: { ...input, idempotencyKey: sent.current.key } });
    sent.current.isAnswered = !error?.networkError;
    const invitation = data?.inviteCustomer?.invitation;
    if (invitation) return done(invitedOf(invitation, zoneOf(locations, input.locationId)));
    tell(problemsOf(refusalsOf({ data, error })));
  };
  return { submit, problems, correct, answers, isSending: fetching };
}

function zoneOf(locations: Place[], location: string): string {
  return locations.find((one) => one.id === location)?.timeZone ?? "UTC";
}

function invitedOf({ customer, nextMessageAt }: Invitation, zone: string): Invited {
  const name = nameOf(customer);
  const message = nextMessageAt ? said.doneAndDue(name, dayAndTime(nextMessageAt, zone)) : said.done(name);
  return { message, customer: customer.id };
}
