/** The totals over all clients: how many, invited this cycle, scores, and their funnel as a picture on request. */
import { useQuery } from "urql";
import { type Days, isReversed } from "../funnel/days";
import { Picture } from "../funnel/picture";
import { Figure, Scores } from "../funnel/scores";
import { FUNNEL } from "../funnel/stages";
import { graphql } from "../graph/graphql";
import { number, texts } from "../texts";

const said = texts.clients;
const TOTALS = graphql(
  `
  query AgencyTotals($agency: ID, $since: Date, $until: Date) {
    agency(id: $agency) {
      id
      totals(since: $since, until: $until) { clients invitedThisCycle funnel { ...Funnel } }
    }
  }
`,
  [FUNNEL],
);

export function BoardTotals({ agency, days }: { agency: string; days: Days }) {
  const [{ data }] = useQuery({
    query: TOTALS,
    variables: { agency, ...days },
    pause: isReversed(days),
    requestPolicy: "cache-and-network",
  });
  const totals = data?.agency?.totals;
  return (
    <>
      <section className="cards totals" aria-label={said.totals} aria-busy={!totals}>
        <Figure name={said.title} figure={totals ? number(totals.clients) : null} />
        <Figure name={said.invitedInCycle} figure={totals ? number(totals.invitedThisCycle) : null} />
        {totals && <Scores funnel={totals.funnel} />}
      </section>
      {totals && totals.funnel.invited > 0 && (
        <details className="total-funnel">
          <summary>{said.funnelOfAll}</summary>
          <Picture funnel={totals.funnel} />
        </details>
      )}
    </>
  );
}
