/** What the progress of an import means: what can be done with it, and when to look again. */
import type { Channel, Progress, State } from "./documents";

export type Action = "start" | "pause" | "resume" | "cancel" | "again";

const ACTIONS: Record<State, Action[]> = {
  QUEUED: ["pause", "cancel"],
  RUNNING: ["pause", "cancel"],
  PAUSED: ["resume", "cancel"],
  VALIDATED: ["start", "cancel"],
  COMPLETED: ["again", "pause", "cancel"],
  CANCELLED: [],
  FAILED: [],
};
const SENDING_MS = 5_000;
const LIVE_MS = 15_000;
const LINK_MS = 30 * 60_000;
const CHANNELS: Channel[] = ["EMAIL", "SMS"];

/** What can be asked for in this state; the server decides. */
export function actionsOf(state: State): Action[] {
  return ACTIONS[state];
}

/** Whether subscriptions to it have come to their end. */
export function isEnded(state: State): boolean {
  return ["VALIDATED", "COMPLETED", "CANCELLED", "FAILED"].includes(state);
}

type Sending = Pick<Progress, "state" | "estimatedFinishAt" | "invitedRows" | "sentMessages">;

/** Whether first messages of it are left to be sent. Near the end there is no estimate any more. */
export function isSending({ state, estimatedFinishAt, invitedRows, sentMessages }: Sending): boolean {
  return state === "COMPLETED" && (estimatedFinishAt !== null || sentMessages < invitedRows);
}

/** How often to read it again beside live progress, which tells nothing of messages sent after the last row. An ended import is
 * read again before the address of its report expires. */
export function pollMs(progress: Sending): number {
  if (!isEnded(progress.state)) return LIVE_MS;
  return isSending(progress) ? SENDING_MS : LINK_MS;
}

export function notTaken(progress: Pick<Progress, "skippedRows" | "invalidRows">): number {
  return progress.skippedRows + progress.invalidRows;
}

/** The last quarter that was passed: few enough steps to be announced. */
export function quarterOf(percent: number | null): number {
  return Math.floor((percent ?? 0) / 25) * 25;
}

export function otherChannels(channels: readonly Channel[]): Channel[] {
  return CHANNELS.filter((one) => !channels.includes(one));
}
