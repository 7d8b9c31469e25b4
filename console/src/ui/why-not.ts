/** Why somebody may not do something, in their language. */
import { listed, texts } from "../texts";

export type Capability = {
  allowed: boolean;
  reason: string | null;
  requiredRoles: (keyof typeof texts.roles)[] | null;
  requiredPlans: (keyof typeof texts.plans)[] | null;
};

/** One sentence for each thing that is missing; the server's reason if it is something else. */
export function whyNot({ reason, requiredRoles, requiredPlans }: Capability): string {
  const said: string[] = [];
  if (requiredRoles) said.push(texts.whyNot.roles(listed(requiredRoles.map((one) => texts.roles[one]))));
  if (requiredPlans) said.push(texts.whyNot.plans(listed(requiredPlans.map((one) => texts.plans[one]))));
  return said.join(" ") || (reason ?? "");
}
