/** What has been chosen for an uploaded list before it is checked, and the input that it makes. */

import type { Refusal } from "../graph/refusals";
import type { Channel, CheckInput, Column, Field } from "./documents";

export type Pace = "SOON" | "PER_HOUR" | "DAYS";
export type Speed = { pace: Pace; perHour: string; days: string };
/** `fields` belong to the file's columns, in their order; `name` is null as long as the suggested one is good. */
export type Draft = {
  fields: (Field | null)[];
  location: string | null;
  name: string | null;
  channels: Channel[];
  speed: Speed;
};

export const PARTS = ["mapping", "locationId", "name", "channels", "sendSpeed"] as const;
export type Part = (typeof PARTS)[number];
export const AT_ONCE: Speed = { pace: "SOON", perHour: "100", days: "7" };
const drafts = new Map<string, Draft>();

/** The choices as left in this tab, or what the file suggests. */
export function draftOf(upload: string, columns: readonly Column[], location: string | null): Draft {
  const kept = drafts.get(upload);
  if (kept?.fields.length === columns.length) return kept;
  const fields = columns.map((one) => one.suggestedField);
  return { fields, location, name: null, channels: channelsFor(fields), speed: AT_ONCE };
}

export function keepDraft(upload: string, draft: Draft): void {
  drafts.set(upload, draft);
}

/** E-mail where there are addresses; messages to phones only if there is nothing else, since they cost money. */
export function channelsFor(fields: readonly (Field | null)[]): Channel[] {
  return !fields.includes("EMAIL") && fields.includes("PHONE") ? ["SMS"] : ["EMAIL"];
}

export function withField(draft: Draft, at: number, field: Field | null): Draft {
  return { ...draft, fields: draft.fields.map((one, index) => (index === at ? field : one)) };
}

export function withChannel(draft: Draft, channel: Channel, isChosen: boolean): Draft {
  const others = draft.channels.filter((one) => one !== channel);
  return { ...draft, channels: isChosen ? [...others, channel] : others };
}

type Said = { chooseLocation: string; wholeNumber: string };

/** What can be told without asking the server. */
export function missing(draft: Draft, said: Said): Refusal[] {
  const found: Refusal[] = [];
  if (draft.location === null) found.push({ part: "locationId", message: said.chooseLocation });
  if (!isWhole(draft.speed)) found.push({ part: "sendSpeed", message: said.wholeNumber });
  return found;
}

/** Whether the number that the speed needs is one; otherwise everything would be sent at once. */
export function isWhole({ pace, perHour, days }: Speed): boolean {
  return pace === "SOON" || /^[1-9]\d{0,5}$/.test((pace === "PER_HOUR" ? perHour : days).trim());
}

export function sendSpeedOf({ pace, perHour, days }: Speed): NonNullable<CheckInput["sendSpeed"]> | null {
  if (pace === "PER_HOUR") return { perHour: Number(perHour) };
  return pace === "DAYS" ? { spreadOverDays: Number(days) } : null;
}

/** The dry run of the list. `idempotencyKey` keeps a second attempt from making a second import. */
export function checkInput(
  upload: string,
  columns: readonly Column[],
  draft: Draft & { location: string; name: string },
  idempotencyKey: string,
): CheckInput {
  return {
    uploadId: upload,
    locationId: draft.location,
    name: draft.name,
    channels: draft.channels,
    sendSpeed: sendSpeedOf(draft.speed),
    mapping: columns.flatMap((column, at) => {
      const field = draft.fields[at];
      return field ? [{ column: column.name, field }] : [];
    }),
    dryRun: true,
    idempotencyKey,
  };
}
