/** Why somebody may not do something, in their language. */
import { listed, texts } from "../texts";

export type Capability = {
  allowed: boolean;
  code: string | null;
  reason: string | null;
  requiredRoles: (keyof typeof texts.roles)[] | null;
  requiredPlans: (keyof typeof texts.plans)[] | null;
};

/** One sentence for each thing that is missing; another reason by its code, or in the server's words. */
export function whyNot({ code, reason, requiredRoles, requiredPlans }: Capability): string {
  const said: string[] = [];
  if (requiredRoles) said.push(texts.whyNot.roles(listed(requiredRoles.map((one) => texts.roles[one]))));
  if (requiredPlans) said.push(texts.whyNot.plans(listed(requiredPlans.map((one) => texts.plans[one]))));
  return said.join(" ") || texts.whyNot.codes[code ?? ""] || (reason ?? "");
}
