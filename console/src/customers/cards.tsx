/** The usage cards. A card without figures is one that this member does not see. */
import { memo } from "react";
import { day, number, texts } from "../texts";
import type { Account } from "./customers-page";

const said = texts.cards;

export const Cards = memo(function Cards({
  usage,
  location,
}: {
  usage: Account["usage"];
  location: string | null;
}) {
  return (
    <section className="cards" aria-label={said.usage}>
      {usage.totalInvited !== null && <Total usage={usage} />}
      <article>
        <h2>{said.cycle}</h2>
        <p className="figure">{number(usage.invitedThisCycle)}</p>
        <p>{said.cycleOf(location ?? said.allLocations)}</p>
        <p>{said.resets(day(usage.resetsOn))}</p>
      </article>
    </section>
  );
});

function Total({ usage }: { usage: Account["usage"] }) {
  const [used, allowance] = [usage.totalInvited ?? 0, usage.allowance];
  return (
    <article>
      <h2>{said.total}</h2>
      <p className="figure">
        {allowance === null ? number(used) : said.totalOf(number(used), number(allowance))}
      </p>
      {allowance !== null && (
        <meter aria-label={said.total} min={0} max={allowance} value={used} high={allowance * 0.9} />
      )}
      {!!usage.reserved && <p>{said.reserved(number(usage.reserved))}</p>}
      <p>{said.resets(day(usage.resetsOn))}</p>
      {usage.buyMoreUrl && <a href={usage.buyMoreUrl}>{said.buyMore}</a>}
    </article>
  );
}
