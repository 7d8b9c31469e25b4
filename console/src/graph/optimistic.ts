/** What a mutation is expected to change, shown until the server's answer is there, and taken back if it refuses. */
import type { OptimisticMutationResolver } from "@urql/exchange-graphcache";

const REASON = { code: null, reason: null, requiredRoles: null, requiredPlans: null };
const DENIED = { __typename: "Capability", allowed: false, ...REASON };
const ALLOWED = { __typename: "Capability", allowed: true, ...REASON };

function moved(payload: string, change: object): OptimisticMutationResolver {
  return (given) => {
    const { input } = given as { input: { invitationId: string } };
    const invitation = { __typename: "Invitation", id: input.invitationId, stateReason: null, ...change };
    return { __typename: payload, invitation, userErrors: [] };
  };
}

export const optimistic: Record<string, OptimisticMutationResolver> = {
  stopInvitation: moved("StopInvitationPayload", {
    state: "STOPPED",
    nextMessageAt: null,
    canStop: DENIED,
    canRestart: ALLOWED,
  }),
  restartInvitation: moved("RestartInvitationPayload", {
    state: "QUEUED",
    nextMessageAt: null,
    canStop: ALLOWED,
    canRestart: DENIED,
  }),
};
