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

/** What is read aloud: each state, and each quarter of the rows while they are processed. */
export function announcement({ state, percent, totalRows }: Progress): string {
  const isCounted = state === "RUNNING" && totalRows !== null;
  return isCounted ? said.announced(said.states[state], number(quarterOf(percent))) : said.states[state];
}
