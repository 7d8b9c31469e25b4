/** The sign-in page: in the demo a choice of personas, also by ?as=viewer. */
import { useEffect, useState } from "react";
import { Button } from "react-aria-components";
import { go, useAddress, withParams } from "./address";
import { signInAs, whyEnded } from "./session";
import { texts } from "./texts";
import { Failure } from "./ui/states";

type Persona = {
  persona: string;
  name: string;
  role: keyof typeof texts.roles;
  account: string;
  plan: keyof typeof texts.plans;
};
type Offer = { personas: Persona[] };

export function SignIn() {
  const { params } = useAddress();
  const wanted = params.get("as");
  const [offer, setOffer] = useState<Offer | "loading" | "failed">("loading");
  const [unknown, setUnknown] = useState<string | null>(null);

  useEffect(() => {
    if (offer === "loading") loadOffer().then(setOffer, () => setOffer("failed"));
  }, [offer]);

  useEffect(() => {
    if (wanted)
      void signInAs(wanted).then((found) =>
        found ? go(withParams({ as: null }), { replace: true }) : setUnknown(wanted),
      );
  }, [wanted]);

  if (offer === "loading") return null;
  if (offer === "failed") return <Failure retry={() => setOffer("loading")} />;
  return (
    <main className="sign-in">
      <title>{`${texts.signIn.title} · ${texts.name}`}</title>
      <h1>{texts.name}</h1>
      {whyEnded() === "ended" && <p role="status">{texts.signIn.sessionEnded}</p>}
      {unknown && <p role="status">{texts.signIn.unknown(unknown)}</p>}
      {offer.personas.length > 0 ? <Personas personas={offer.personas} /> : <p>{texts.signIn.notOffered}</p>}
    </main>
  );
}

async function loadOffer(): Promise<Offer> {
  const response = await fetch("/sign-in");
  if (!response.ok) throw new Error(`GET /sign-in: ${response.status}`);
  return response.json();
}

function Personas({ personas }: { personas: Persona[] }) {
  return (
    <>
      <h2>{texts.signIn.asWhom}</h2>
      <ul className="personas">
        {personas.map((one) => (
          <li key={one.persona}>
            <Button onPress={() => void signInAs(one.persona)}>
              <b>{one.name}</b>
              <span>
                {texts.roles[one.role]} · {one.account} · {texts.plans[one.plan]}
              </span>
            </Button>
          </li>
        ))}
      </ul>
    </>
  );
}
