/** How far an import has come: its state, the rows so far, and what has been sent. */
import { dayAndTime, number, texts } from "../texts";
import { Bar } from "./bar";
import type { BulkImport, Progress, State } from "./documents";
import { isEnded } from "./progress";
import { announcement } from "./sentences";

const said = texts.imports;

export function Counts({ found }: { found: BulkImport }) {
  const { progress, location } = found;
  const { state, processedRows, totalRows, estimatedFinishAt } = progress;
  const isChecked = state === "VALIDATED";
  const figures: [string, number][] = [
    [invitedLabel(state), progress.invitedRows],
    [said.skipped, progress.skippedRows],
    [said.invalid, progress.invalidRows],
  ];
  return (
    <section className="counts" aria-label={said.progress}>
      <p className={`badge ${state.toLowerCase()}`}>{said.states[state]}</p>
      <p className="unseen" role="status">
        {announcement(progress)}
      </p>
      {!isEnded(state) && <Bar label={said.progress} percent={progress.percent} />}
      <p>
        {totalRows === null
          ? said.rowsSoFar(number(processedRows))
          : said.rowsOf(number(processedRows), number(totalRows))}
      </p>
      <dl className="figures">
        {figures.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{number(value)}</dd>
          </div>
        ))}
      </dl>
      {isSent(progress) && <p>{said.sent(number(progress.sentMessages), number(progress.invitedRows))}</p>}
      {!isChecked && estimatedFinishAt && (
        <p>{said.finishes(dayAndTime(estimatedFinishAt, location.timeZone))}</p>
      )}
    </section>
  );
}

/** Only a completed list has invited whom it counts: others may be a dry run. */
function invitedLabel(state: State): string {
  if (state === "VALIDATED") return said.wouldInvite;
  return isEnded(state) ? said.invited : said.canBeInvited;
}

function isSent({ state, invitedRows, sentMessages }: Progress): boolean {
  return sentMessages > 0 || (state === "COMPLETED" && invitedRows > 0);
}
