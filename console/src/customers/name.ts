/** What a customer is called: by name, or else by an address. */
import { texts } from "../texts";

type Customer = {
  firstName: string | null;
  lastName: string | null;
  email: string | null;
  phone: string | null;
};

export function nameOf({ firstName, lastName, email, phone }: Customer): string {
  return [firstName, lastName].filter(Boolean).join(" ") || email || phone || texts.activity.unnamed;
}
