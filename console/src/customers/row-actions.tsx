/** What can be done with a row: see the activity, stop or restart the invitation. The buttons are the browser's own: 50 others would
 * take longer to draw than everything else that a key in the search box changes. */
import { type MouseEvent, useId, useState } from "react";
import { useClient, useMutation } from "urql";
import { graphql } from "../graph/graphql";
import { type Refusal, refusalsOf } from "../graph/refusals";
import { texts } from "../texts";
import { Confirm } from "../ui/confirm";
import { Reason } from "../ui/reason";
import { whyNot } from "../ui/why-not";
import type { Row } from "./customers-page";
import { nameOf } from "./name";

export const MOVABLE = graphql(`
  fragment Movable on Invitation {
    id state stateReason nextMessageAt
    canStop { allowed code reason requiredRoles requiredPlans }
    canRestart { allowed code reason requiredRoles requiredPlans }
  }
`);
const STOP = graphql(
  `
  mutation StopInvitation($id: ID!) {
    stopInvitation(input: { invitationId: $id }) {
      invitation { ...Movable }
      userErrors { field code message }
    }
  }
`,
  [MOVABLE],
);
const RESTART = graphql(
  `
  mutation RestartInvitation($id: ID!) {
    restartInvitation(input: { invitationId: $id }) {
      invitation { ...Movable }
      userErrors { field code message }
    }
  }
`,
  [MOVABLE],
);

const NOW = graphql(
  `
  query InvitationNow($id: ID!) {
    node(id: $id) { id ... on Invitation { ...Movable } }
  }
`,
  [MOVABLE],
);

/** The id of the one sentence above the table that says why its reader can stop and restart nothing. */
export const WHY_NOT = "why-not-stop";

export function RowActions({ row, showActivity }: { row: Row; showActivity: () => void }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for forms
    <div className="actions" role="group" aria-label={nameOf(row)} tabIndex={-1}>
      <button type="button" aria-label={texts.activity.open(nameOf(row))} onClick={pressed(showActivity)}>
        <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
          <path d="M1 8h3l2-5 3 10 2-5h4" fill="none" stroke="currentColor" strokeWidth="1.5" />
        </svg>
      </button>
      <StopOrRestart row={row} />
    </div>
  );
}

/** Safari does not focus a button that is clicked; a dialog gives the focus back to where it was. */
function pressed(act: () => void): (event: MouseEvent<HTMLButtonElement>) => void {
  return (event) => {
    event.currentTarget.focus();
    act();
  };
}

type Told = { done: string; refusal: Refusal | null };
const NOTHING: Told = { done: "", refusal: null };

/** `done` or `refusal` tells what came of it. */
function useMove(id: string, isRestart: boolean, done: string) {
  const [, run] = useMutation<object, { id: string }>(isRestart ? RESTART : STOP);
  const client = useClient();
  const [told, setTold] = useState<Told>(NOTHING);
  const move = async () => {
    setTold(NOTHING);
    const [refused] = refusalsOf(await run({ id }));
    setTold(refused ? { ...NOTHING, refusal: refused } : { ...NOTHING, done });
    // Somebody else was faster: the row then shows what is true, at its place, even if the filters no longer match.
    if (refused) await client.query(NOW, { id }, { requestPolicy: "network-only" });
  };
  return { ...told, move };
}

function StopOrRestart({ row }: { row: Row }) {
  const { id, state, canStop, canRestart } = row.invitation;
  const isRestart = canRestart.allowed || state === "STOPPED";
  const [asking, setAsking] = useState(false);
  const capability = isRestart ? canRestart : canStop;
  const said = isRestart ? texts.restart : texts.stop;
  const { move, done, refusal } = useMove(id, isRestart, said.done(nameOf(row)));
  const reason = useId();
  const isOfAccount = capability.requiredRoles !== null || capability.requiredPlans !== null;
  const decide = (agreed: boolean) => {
    setAsking(false);
    if (agreed) void move();
  };
  return (
    <>
      <button
        type="button"
        disabled={!capability.allowed}
        aria-describedby={isOfAccount ? WHY_NOT : reason}
        aria-label={said.of(nameOf(row))}
        onClick={pressed(() => setAsking(true))}
      >
        {said.button}
      </button>
      <span id={reason} className="reason">
        {!capability.allowed && !isOfAccount && whyNot(capability)}
      </span>
      <span role="status" className="unseen">
        {done}
      </span>
      {refusal && (
        <span role="alert" className="refused reason">
          <Reason refusal={refusal} />
        </span>
      )}
      {asking && (
        <Confirm title={said.title(nameOf(row))} body={said.body} confirm={said.confirm} done={decide} />
      )}
    </>
  );
}
