/** What starting a checked list would do: when sending would end, and what it takes of the allowance. */
import { day, dayAndTime, number, texts } from "../texts";
import type { BulkImport } from "./documents";

const said = texts.imports.forecast;

type Given = NonNullable<BulkImport["forecast"]>;

export function Forecast({ forecast, timeZone }: { forecast: Given; timeZone: string }) {
  const end = forecast.estimatedFinishAt;
  return (
    <section>
      <h2>{said.title}</h2>
      <p>{end ? said.ends(dayAndTime(end, timeZone)) : said.nobody}</p>
      <ul>
        {forecast.cycles.map((cycle) => (
          <li key={cycle.usage.cycleStartsOn}>
            <Cycle cycle={cycle} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Cycle({ cycle: { invitations, usage } }: { cycle: Given["cycles"][number] }) {
  const until = day(usage.resetsOn);
  const { allowance, remaining, buyMoreUrl } = usage;
  if (allowance === null || remaining === null) return said.needed(number(invitations), until);
  return (
    <>
      {said.neededOf(number(invitations), until, number(remaining), number(allowance))}{" "}
      {said.left(number(Math.max(0, remaining - invitations)))}{" "}
      {buyMoreUrl && remaining <= invitations && <a href={buyMoreUrl}>{texts.cards.buyMore}</a>}
    </>
  );
}
