/** The stages of an invitation funnel, in their order, each with its share of the invited. */
import { graphql, type ResultOf } from "../graph/graphql";

export const FUNNEL = graphql(`
  fragment Funnel on InvitationFunnel {
    invited delivered opened clicked platformChosen npsSubmitted reviewed npsAverage npsNet ratingAverage
  }
`);
export type Funnel = ResultOf<typeof FUNNEL>;

export const STAGES = [
  "invited",
  "delivered",
  "opened",
  "clicked",
  "npsSubmitted",
  "platformChosen",
  "reviewed",
] as const;
export type Stage = { name: (typeof STAGES)[number]; count: number; share: number };

export function stagesOf(funnel: Funnel): Stage[] {
  return STAGES.map((name) => {
    const count = funnel[name];
    return { name, count, share: funnel.invited > 0 ? count / funnel.invited : 0 };
  });
}
