/** Sentences about an import. */
import { number, texts } from "../texts";
import type { BulkImport, Progress } from "./documents";
import { quarterOf } from "./progress";

const said = texts.imports;

export function speedText({ perHour, spreadOverDays }: BulkImport["sendSpeed"]): string {
  if (perHour !== null) return said.speed.atPerHour(number(perHour));
  return spreadOverDays !== null
    ? said.speed.atDays(spreadOverDays, number(spreadOverDays))
    : said.speed.soon;
}

type Seen = Pick<BulkImport, "dryRun"> & { progress: Progress };

/** The state in words; a dry run checks rows and reads none for good. */
export function stateText({ dryRun, progress: { state } }: Seen): string {
  return dryRun && state === "RUNNING" ? said.checking : said.states[state];
}

/** What is read aloud: each state, and each quarter of the rows while they are processed. */
export function announcement(seen: Seen): string {
  const { state, percent, totalRows } = seen.progress;
  const isCounted = state === "RUNNING" && totalRows !== null;
  return isCounted ? said.announced(stateText(seen), number(quarterOf(percent))) : stateText(seen);
}
