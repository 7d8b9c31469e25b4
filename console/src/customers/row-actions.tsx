/** What can be done with a row: see the activity, stop or restart the invitation. */
import { useState } from "react";
import { Button } from "react-aria-components";
import { useMutation } from "urql";
import { graphql } from "../graph/graphql";
import { texts } from "../texts";
import { Confirm } from "../ui/confirm";
import type { Row } from "./customers-page";

const STOP = graphql(`
  mutation StopInvitation($id: ID!) {
    stopInvitation(input: { invitationId: $id }) {
      invitation { id state stateReason nextMessageAt canStop { allowed reason } canRestart { allowed reason } }
      userErrors { message }
    }
  }
`);
const RESTART = graphql(`
  mutation RestartInvitation($id: ID!) {
    restartInvitation(input: { invitationId: $id }) {
      invitation { id state stateReason nextMessageAt canStop { allowed reason } canRestart { allowed reason } }
      userErrors { message }
    }
  }
`);

export function nameOf(row: {
  firstName: string | null;
  lastName: string | null;
  email: string | null;
}): string {
  return [row.firstName, row.lastName].filter(Boolean).join(" ") || row.email || texts.activity.unnamed;
}

export function RowActions({ row, showActivity }: { row: Row; showActivity: () => void }) {
  return (
    <div className="actions">
      <Button aria-label={texts.activity.open(nameOf(row))} onPress={showActivity}>
        <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
          <path d="M1 8h3l2-5 3 10 2-5h4" fill="none" stroke="currentColor" strokeWidth="1.5" />
        </svg>
      </Button>
      <StopOrRestart row={row} />
    </div>
  );
}

function StopOrRestart({ row }: { row: Row }) {
  const isRestart = row.invitation.canRestart.allowed || row.invitation.state === "STOPPED";
  const [asking, setAsking] = useState(false);
  const [refusal, setRefusal] = useState<string | null>(null);
  const [{ fetching }, run] = useMutation<Answer, { id: string }>(isRestart ? RESTART : STOP);
  const capability = isRestart ? row.invitation.canRestart : row.invitation.canStop;
  const said = isRestart ? texts.restart : texts.stop;
  const decide = async (agreed: boolean) => {
    setAsking(false);
    if (agreed) setRefusal(refused(await run({ id: row.invitation.id })));
  };
  if (!capability.allowed) {
    return (
      <span className="reason" title={capability.reason ?? ""}>
        {texts.states[row.invitation.state]}
      </span>
    );
  }
  return (
    <>
      <Button isDisabled={fetching} onPress={() => setAsking(true)}>
        {said.button}
      </Button>
      {refusal && <span role="alert">{refusal}</span>}
      {asking && (
        <Confirm title={said.title(nameOf(row))} body={said.body} confirm={said.confirm} done={decide} />
      )}
    </>
  );
}

type Payload = { userErrors: { message: string }[] } | null;
type Answer = { stopInvitation?: Payload; restartInvitation?: Payload };

function refused(result: {
  data?: Answer | undefined;
  error?: { message: string } | undefined;
}): string | null {
  const payload = result.data?.stopInvitation ?? result.data?.restartInvitation;
  return payload?.userErrors[0]?.message ?? result.error?.message ?? null;
}
