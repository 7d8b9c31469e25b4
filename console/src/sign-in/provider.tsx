/** The button to the OpenID Connect provider, where the sign-in continues. */
import { useState } from "react";
import { Button } from "react-aria-components";
import { type Refusal, refusalOf } from "../session";
import { texts } from "../texts";
import { Refused } from "./refused";
import { beginAttempt } from "./secrets";

export function Provider({ name }: { name: string }) {
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [isLeaving, setLeaving] = useState(false);
  const leave = async () => {
    setLeaving(true);
    const found = await goToProvider().catch(() => "UNREACHABLE");
    setRefusal(found);
    setLeaving(found === null);
  };
  return (
    <section>
      <Button className="primary" isPending={isLeaving} onPress={() => void leave()}>
        {texts.signIn.withProvider(name)}
      </Button>
      <Refused refusal={refusal} />
    </section>
  );
}

/** Goes to the provider; returns why not, if that is not possible. */
async function goToProvider(): Promise<Refusal | null> {
  const attempt = beginAttempt(location.pathname + location.search);
  const body = JSON.stringify({ secret: attempt.secret });
  const response = await fetch("/sign-in/provider/start", { method: "POST", body });
  if (!response.ok) return refusalOf(response);
  location.assign((await response.json()).address);
  return null;
}
