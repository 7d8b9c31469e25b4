/** The sign-in page: a provider, in the demo a choice of personas, and a link by mail. */
import { useEffect, useRef, useState } from "react";
import { whyEnded } from "../session";
import { texts } from "../texts";
import { Failure } from "../ui/states";
import { useArriving } from "./arriving";
import { Mail } from "./mail";
import { loadOffer, type Offer } from "./offer";
import { Personas } from "./personas";
import { Provider } from "./provider";
import { Refused } from "./refused";

export default function SignInPage() {
  const { refusal, unknown } = useArriving();
  const [offer, setOffer] = useState<Offer | "loading" | "failed">("loading");

  useEffect(() => {
    if (offer === "loading") loadOffer().then(setOffer, () => setOffer("failed"));
  }, [offer]);

  if (offer === "failed") return <Failure retry={() => setOffer("loading")} />;
  return (
    <main className="sign-in" tabIndex={-1}>
      <title>{`${texts.signIn.title} · ${texts.name}`}</title>
      <h1>{texts.name}</h1>
      {whyEnded() === "ended" && <Ended />}
      <div role="status">{unknown && <p>{texts.signIn.unknown(unknown)}</p>}</div>
      <Refused refusal={refusal} />
      {offer !== "loading" && <Ways offer={offer} />}
    </main>
  );
}

/** Takes the focus, so that it is read aloud: nobody asked for this page. */
function Ended() {
  const words = useRef<HTMLParagraphElement>(null);
  useEffect(() => words.current?.focus(), []);
  return (
    <p ref={words} role="status" tabIndex={-1}>
      {texts.signIn.sessionEnded}
    </p>
  );
}

function Ways({ offer }: { offer: Offer }) {
  const isEmpty = offer.personas.length === 0 && !offer.mail && offer.provider === null;
  return (
    <>
      {offer.provider !== null && <Provider name={offer.provider} />}
      {offer.personas.length > 0 && <Personas personas={offer.personas} />}
      {offer.mail && <Mail />}
      {isEmpty && <p>{texts.signIn.notOffered}</p>}
    </>
  );
}
