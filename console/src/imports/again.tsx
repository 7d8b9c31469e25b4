/** Sends a finished list by another channel, as a new import of the same file. */
import { type FormEvent, useEffect, useRef, useState } from "react";
import { Button } from "react-aria-components";
import { useMutation } from "urql";
import { go } from "../address";
import { aboutTheRest, type Refusal, refusalsOf } from "../graph/refusals";
import { texts } from "../texts";
import { Reasons } from "../ui/reason";
import { importsAt } from "./address";
import { type BulkImport, type Channel, START } from "./documents";
import { AT_ONCE, isWhole, sendSpeedOf } from "./draft";
import { otherChannels } from "./progress";
import { SpeedChoice } from "./speed";

const said = texts.imports;

export function Again({ found }: { found: BulkImport }) {
  const [channel, setChannel] = useState<Channel | null>(null);
  const [isBack, setBack] = useState(false);
  const close = () => {
    setChannel(null);
    setBack(true);
  };
  if (channel) return <AgainForm found={found} channel={channel} close={close} />;
  return (
    <div className="controls">
      {otherChannels(found.channels).map((one) => (
        <Button key={one} autoFocus={isBack} onPress={() => setChannel(one)}>
          {said.again.button(said.channel[one])}
        </Button>
      ))}
    </div>
  );
}

type Props = { found: BulkImport; channel: Channel; close: () => void };

function AgainForm({ found, channel, close }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const [speed, setSpeed] = useState(AT_ONCE);
  const [refusals, setRefusals] = useState<Refusal[]>([]);
  const [idempotencyKey] = useState(() => crypto.randomUUID());
  const [{ fetching }, start] = useMutation(START);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (fetching) return;
    if (!isWhole(speed)) return setRefusals([{ part: "sendSpeed", message: said.missing.wholeNumber }]);
    const input = {
      bulkImportId: found.id,
      channels: [channel],
      sendSpeed: sendSpeedOf(speed),
      idempotencyKey,
    };
    const answer = await start({ input });
    const made = answer.data?.startBulkImport?.bulkImport;
    if (made) go(importsAt({ import: made.id }));
    else setRefusals(refusalsOf(answer));
  };
  return (
    <form className="set-up again" onSubmit={submit} noValidate>
      <h2 ref={heading} tabIndex={-1}>
        {said.again.title(said.channel[channel])}
      </h2>
      <p>{said.again.body}</p>
      <SpeedChoice speed={speed} choose={setSpeed} refusals={refusals} />
      <Reasons refusals={aboutTheRest(refusals, ["sendSpeed"])} />
      <div className="buttons">
        <Button onPress={close}>{texts.cancel}</Button>
        <Button type="submit" className="primary">
          {said.again.start}
        </Button>
      </div>
    </form>
  );
}
