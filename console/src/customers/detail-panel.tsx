/** The detail panel: the customer's profile, the linked review, and the timeline, which grows while it is open. */
import { useEffect, useEffectEvent, useState } from "react";
import { Button, Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { useQuery, useSubscription } from "urql";
import { graphql, type ResultOf } from "../graph/graphql";
import { useIsLost } from "../graph/reconnect";
import { day, dayAndTime, dayOf, number, texts, time } from "../texts";
import { Failure, Loading } from "../ui/states";
import { nameOf } from "./name";

const CUSTOMER = graphql(`
  query CustomerDetail($account: ID!, $customer: ID!) {
    account(id: $account) {
      id timeZone
      customer(id: $customer) {
        id firstName lastName email phone invitedOn source
        location { id name timeZone }
        linkedReview {
          id reviewerName reviewedOn npsScore rating text sentiment replyUrl
          platform { key name }
        }
        invitation {
          id state stateDetail nextMessageAt employee service importName
          messages { id step channel state dueAt sentAt reply }
        }
        activityByDay(first: 100) {
          date
          events { id kind occurredAt channel npsScore feedback actor actorKind platform { key name } }
        }
      }
    }
  }
`);
const GROWS = graphql(`
  subscription CustomerActivity($customer: ID!, $after: ID) {
    customerActivity(customerId: $customer, after: $after) { id kind }
  }
`);
type Customer = NonNullable<NonNullable<ResultOf<typeof CUSTOMER>["account"]>["customer"]>;
type Event = Customer["activityByDay"][number]["events"][number];

type Props = { account: string; customer: string; close: () => void };

export default function DetailPanel({ account, customer, close }: Props) {
  const [{ data, error }, reload] = useQuery({ query: CUSTOMER, variables: { account, customer } });
  const fresh = () => reload({ requestPolicy: "network-only" });
  const found = data?.account?.customer;
  return (
    <ModalOverlay className="overlay" isOpen isDismissable onOpenChange={close}>
      <Modal className="panel">
        <Dialog aria-label={texts.activity.profile}>
          <Button className="close" aria-label={texts.close} onPress={close}>
            ×
          </Button>
          {error && !found && <Failure error={error} retry={fresh} />}
          {!data && !error && <Loading />}
          {data && !error && !found && <p className="state">{texts.activity.notFound}</p>}
          {found && <Detail found={found} timeZone={data.account?.timeZone ?? "UTC"} reload={fresh} />}
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

function Detail({ found, timeZone, reload }: { found: Customer; timeZone: string; reload: () => void }) {
  const [after] = useState(found.activityByDay[0]?.events[0]?.id ?? null);
  const [{ data, error }] = useSubscription({ query: GROWS, variables: { customer: found.id, after } });
  const fresh = useEffectEvent(reload);
  // An event says that something has changed, and so does a refusal.
  useEffect(() => {
    if (data || error) fresh();
  }, [data, error]);
  const isLost = useIsLost();
  return (
    <>
      <Heading slot="title" dir="auto">
        {nameOf(found)}
      </Heading>
      <p role="status" className="problem">
        {isLost && texts.lost}
      </p>
      <Profile found={found} />
      {found.linkedReview && <Review review={found.linkedReview} timeZone={timeZone} />}
      <section aria-label={texts.activity.history}>
        <h3>{texts.activity.history}</h3>
        <State invitation={found.invitation} />
        {found.invitation.nextMessageAt && (
          <p>
            {texts.activity.nextMessage(dayAndTime(found.invitation.nextMessageAt, found.location.timeZone))}
          </p>
        )}
        <Messages messages={found.invitation.messages} timeZone={found.location.timeZone} />
        <div aria-live="polite">
          {found.activityByDay.map((one) => (
            <section key={one.date}>
              <h4>{day(one.date)}</h4>
              <ol className="timeline">
                {one.events.map((event) => (
                  <Happened key={event.id} event={event} timeZone={timeZone} />
                ))}
              </ol>
            </section>
          ))}
        </div>
      </section>
    </>
  );
}

/** The state of the invitation; if somebody is to do something about it, in the words of whoever holds it up. */
function State({ invitation: { state, stateDetail } }: { invitation: Customer["invitation"] }) {
  return (
    <p>
      {texts.activity.state(texts.states[state])}
      {stateDetail && (
        <span className="reason" lang="en">
          {" "}
          {stateDetail}
        </span>
      )}
    </p>
  );
}

type Sent = Customer["invitation"]["messages"][number];

/** The messages of the sequence: those sent, and those to come. */
function Messages({ messages, timeZone }: { messages: Sent[]; timeZone: string }) {
  const said = texts.messages;
  if (messages.length === 0) return null;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className="wide" aria-label={said.title} tabIndex={0}>
      <table className="messages">
        <caption>{said.title}</caption>
        <thead>
          <tr>
            <th scope="col">{said.step}</th>
            <th scope="col">{said.channel}</th>
            <th scope="col">{said.state}</th>
            <th scope="col">{said.when}</th>
          </tr>
        </thead>
        <tbody>
          {messages.map((message) => (
            <tr key={message.id}>
              <td>{message.step}</td>
              <td>{said.channels[message.channel]}</td>
              <td>
                {said.states[message.state]}
                {message.reply && <span className="reason"> {message.reply}</span>}
              </td>
              <td>{dayAndTime(message.sentAt ?? message.dueAt, timeZone)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Profile({ found }: { found: Customer }) {
  const { table, activity } = texts;
  const lines: [string, string | null][] = [
    [table.email, found.email],
    [table.phone, found.phone],
    [table.invitedOn, dayOf(found.invitedOn, found.location.timeZone)],
    [table.location, found.location.name],
    [table.source, found.invitation.importName ?? found.source],
    [activity.employee, found.invitation.employee],
    [activity.service, found.invitation.service],
  ];
  return (
    <section aria-label={activity.profile}>
      <h3>{activity.profile}</h3>
      <dl>
        {lines.map(([name, value]) =>
          value === null ? null : (
            <div key={name}>
              <dt>{name}</dt>
              <dd dir="auto">{value}</dd>
            </div>
          ),
        )}
      </dl>
    </section>
  );
}

function Review({ review, timeZone }: { review: NonNullable<Customer["linkedReview"]>; timeZone: string }) {
  const { rating, platform, npsScore, sentiment } = review;
  const scores = [
    rating === null ? platform.name : texts.table.stars(number(rating), platform.name),
    npsScore !== null && texts.activity.nps(number(npsScore)),
    sentiment && texts.sentiments[sentiment],
  ];
  return (
    <section aria-label={texts.activity.review}>
      <h3>{texts.activity.review}</h3>
      <p>
        <b dir="auto">{review.reviewerName}</b> · {dayOf(review.reviewedOn, timeZone)} ·{" "}
        {scores.filter(Boolean).join(" · ")}
      </p>
      {review.text && <blockquote dir="auto">{review.text}</blockquote>}
      {review.replyUrl && <a href={review.replyUrl}>{texts.activity.reply}</a>}
    </section>
  );
}

function Happened({ event, timeZone }: { event: Event; timeZone: string }) {
  const more = [
    event.platform?.name,
    event.npsScore,
    event.feedback,
    event.actor && texts.activity.by(event.actor),
  ];
  return (
    <li>
      <time dateTime={event.occurredAt}>{time(event.occurredAt, timeZone)}</time>{" "}
      <b>{texts.kinds[event.kind]}</b>{" "}
      <span dir="auto">
        {more.filter((one) => one !== null && one !== "" && one !== undefined).join(" · ")}
      </span>
      {event.actorKind === "LIKELY_MACHINE" && <i> ({texts.activity.machine})</i>}
    </li>
  );
}
