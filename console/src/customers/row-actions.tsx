/** What can be done with a row: see the activity, stop or restart the invitation. The buttons are the browser's own: 50 others would
 * take longer to draw than everything else that a key in the search box changes. */
import { useId, useState } from "react";
import { useMutation } from "urql";
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

/** The id of the one sentence above the table that says why its reader can stop and restart nothing. */
export const WHY_NOT = "why-not-stop";

export function RowActions({ row, showActivity }: { row: Row; showActivity: () => void }) {
  return (
    <div className="actions">
      <button type="button" aria-label={texts.activity.open(nameOf(row))} onClick={showActivity}>
        <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
          <path d="M1 8h3l2-5 3 10 2-5h4" fill="none" stroke="currentColor" strokeWidth="1.5" />
        </svg>
      </button>
      <StopOrRestart row={row} />
    </div>
  );
}

function StopOrRestart({ row }: { row: Row }) {
  const { id, state, canStop, canRestart } = row.invitation;
  const isRestart = canRestart.allowed || state === "STOPPED";
  const [asking, setAsking] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [, run] = useMutation<object, { id: string }>(isRestart ? RESTART : STOP);
  const capability = isRestart ? canRestart : canStop;
  const said = isRestart ? texts.restart : texts.stop;
  const reason = useId();
  const isOfAccount = capability.requiredRoles !== null || capability.requiredPlans !== null;
  const decide = async (agreed: boolean) => {
    setAsking(false);
    if (agreed) setRefusal((await run({ id }).then(refusalsOf))[0] ?? null);
  };
  return (
    <>
      <button
        type="button"
        disabled={!capability.allowed}
        aria-describedby={isOfAccount ? WHY_NOT : reason}
        aria-label={said.of(nameOf(row))}
        onClick={() => setAsking(true)}
      >
        {said.button}
      </button>
      <span id={reason} className="reason">
        {!capability.allowed && !isOfAccount && whyNot(capability)}
      </span>
      {refusal && (
        <span role="alert">
          <Reason refusal={refusal} />
        </span>
      )}
      {asking && (
        <Confirm title={said.title(nameOf(row))} body={said.body} confirm={said.confirm} done={decide} />
      )}
    </>
  );
}
