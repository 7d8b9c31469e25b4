/** The scores of a funnel as cards: Net Promoter Score, average score, average rating. */
import { decimal, number, texts } from "../texts";
import type { Funnel } from "./stages";

const said = texts.funnel;

export function Scores({ funnel }: { funnel: Funnel }) {
  return (
    <>
      <Figure name={said.npsNet} figure={funnel.npsNet === null ? null : number(funnel.npsNet)} />
      <Figure
        name={said.npsAverage}
        figure={funnel.npsAverage === null ? null : decimal(funnel.npsAverage)}
      />
      <Figure
        name={said.ratingAverage}
        figure={funnel.ratingAverage === null ? null : said.stars(decimal(funnel.ratingAverage))}
      />
    </>
  );
}

export function Figure({ name, figure }: { name: string; figure: string | null }) {
  return (
    <article>
      <h2>{name}</h2>
      <p className="figure">{figure ?? texts.table.none}</p>
    </article>
  );
}
