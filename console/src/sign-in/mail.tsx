/** Asks for a sign-in link by mail. What is said afterwards is the same whether or not a member has the address. */
import { type FormEvent, useEffect, useRef, useState } from "react";
import { Button, FieldError, Form, Input, Label, TextField } from "react-aria-components";
import { type Refusal, refusalOf } from "../session";
import { number, texts } from "../texts";
import { Refused } from "./refused";
import { browserSecret, rememberPlace } from "./secrets";

type Asked = { email: string; minutes: number };

export function Mail() {
  const [asked, setAsked] = useState<Asked | null>(null);
  return (
    <section aria-labelledby="by-mail">
      <h2 id="by-mail">{texts.signIn.byMail}</h2>
      {asked ? <OnItsWay asked={asked} again={() => setAsked(null)} /> : <Ask done={setAsked} />}
    </section>
  );
}

function Ask({ done }: { done: (asked: Asked) => void }) {
  const [isSending, setSending] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const send = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const email = String(new FormData(event.currentTarget).get("email"));
    setSending(true);
    const answer = await ask(email).catch((): Refusal => "UNREACHABLE");
    setSending(false);
    if (typeof answer === "string") setRefusal(answer);
    else done(answer);
  };
  return (
    <Form className="by-mail" onSubmit={(event) => void send(event)}>
      <TextField name="email" type="email" autoComplete="email" isRequired>
        <Label>{texts.signIn.email}</Label>
        <Input />
        <FieldError />
      </TextField>
      <Button type="submit" className="primary" isPending={isSending}>
        {texts.signIn.sendLink}
      </Button>
      <Refused refusal={refusal} />
    </Form>
  );
}

async function ask(email: string): Promise<Asked | Refusal> {
  const body = JSON.stringify({ email, browser: browserSecret() });
  const response = await fetch("/sign-in/mail", { method: "POST", body });
  if (!response.ok) return refusalOf(response);
  rememberPlace(location.pathname + location.search);
  return { email, minutes: (await response.json()).minutes };
}

function OnItsWay({ asked, again }: { asked: Asked; again: () => void }) {
  const words = useRef<HTMLDivElement>(null);
  useEffect(() => words.current?.focus(), []);
  return (
    <>
      <div ref={words} role="status" tabIndex={-1}>
        <p>{texts.signIn.onItsWay(asked.email)}</p>
        <p>{texts.signIn.openHere(number(asked.minutes))}</p>
      </div>
      <Button onPress={again}>{texts.signIn.anotherAddress}</Button>
    </>
  );
}
