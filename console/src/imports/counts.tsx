/** How far an import has come: its state, the rows so far, and what has been sent. */
import { dayAndTime, number, texts } from "../texts";
import { Bar } from "./bar";
import type { BulkImport } from "./documents";
import { isEnded } from "./progress";
import { announcement, stateText } from "./sentences";

const said = texts.imports;

export function Counts({ found }: { found: BulkImport }) {
  const { progress, location } = found;
  const { state, processedRows, totalRows, estimatedFinishAt } = progress;
  const figures: [string, number][] = [
    [found.dryRun ? said.wouldInvite : said.invited, progress.invitedRows],
    [said.skipped, progress.skippedRows],
    [said.invalid, progress.invalidRows],
  ];
  return (
    <section className="counts" aria-label={said.progress}>
      <p className={`badge ${state.toLowerCase()}`}>{stateText(found)}</p>
      <p className="unseen" role="status">
        {announcement(found)}
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
      {!found.dryRun && progress.invitedRows > 0 && (
        <p>{said.sent(number(progress.sentMessages), number(progress.invitedRows))}</p>
      )}
      {estimatedFinishAt && <p>{said.finishes(dayAndTime(estimatedFinishAt, location.timeZone))}</p>}
    </section>
  );
}
