/** The members of the demo, one of whom a visitor chooses to be. */
import { Button } from "react-aria-components";
import { signIn } from "../session";
import { texts } from "../texts";
import type { Persona } from "./offer";

export function Personas({ personas }: { personas: Persona[] }) {
  return (
    <section aria-labelledby="personas">
      <h2 id="personas">{texts.signIn.asWhom}</h2>
      <ul className="personas">
        {personas.map((one) => (
          <li key={one.persona}>
            <Button onPress={() => void signIn("persona", { persona: one.persona })}>
              <b>{one.name}</b>
              <span>
                {texts.roles[one.role]} · {one.account} · {texts.plans[one.plan]}
              </span>
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
