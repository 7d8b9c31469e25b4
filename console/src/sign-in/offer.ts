/** How one can sign in here, as GET /sign-in says it. */
import type { texts } from "../texts";

export type Persona = {
  persona: string;
  name: string;
  role: keyof typeof texts.roles;
  account: string;
  plan: keyof typeof texts.plans;
};
export type Offer = { personas: Persona[]; mail: boolean; provider: string | null };

export async function loadOffer(): Promise<Offer> {
  const response = await fetch("/sign-in");
  if (!response.ok) throw new Error(`GET /sign-in: ${response.status}`);
  return response.json();
}
