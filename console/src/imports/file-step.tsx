/** The first step: a file is chosen or dropped, and sent. */
import { useEffect, useRef, useState } from "react";
import { Button, FileTrigger } from "react-aria-components";
import { go } from "../address";
import type { Refusal } from "../graph/refusals";
import { number, texts } from "../texts";
import { Reasons } from "../ui/reason";
import { importsAt } from "./address";
import { Bar } from "./bar";
import { Frame, Steps, toLists } from "./frame";
import { quarterOf } from "./progress";
import { send, type Upload, type UploadRefused } from "./upload";
import { useDrop } from "./use-drop";

const said = texts.imports.file;
const KINDS = [".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".ods"];

type Sending = { name: string; percent: number };

export function FileStep() {
  const [sending, setSending] = useState<Sending | null>(null);
  const [refusals, setRefusals] = useState<Refusal[]>([]);
  const [isBack, setBack] = useState(false);
  const upload = useRef<Upload | null>(null);
  useEffect(() => () => upload.current?.stop(), []);

  const take = (file: File) => {
    upload.current?.stop();
    setRefusals([]);
    setSending({ name: file.name, percent: 0 });
    const started = send(file, (share) => setSending({ name: file.name, percent: share * 100 }));
    upload.current = started;
    started.done.then(
      (id) => go(importsAt({ upload: id }), { replace: true }),
      (error: UploadRefused) => {
        setSending(null);
        setBack(true);
        setRefusals([error.refusal]);
      },
    );
  };
  const stop = () => {
    upload.current?.stop();
    setSending(null);
    setBack(true);
  };
  return (
    <Frame title={texts.imports.newList} back={toLists()}>
      <Steps current="file" />
      {sending ? <Under sending={sending} stop={stop} /> : <Choose take={take} isBack={isBack} />}
      <Reasons refusals={refusals} />
    </Frame>
  );
}

/** `isBack`: after a file that was not taken; then the focus returns here too. */
function Choose({ take, isBack }: { take: (file: File) => void; isBack: boolean }) {
  const [isSeveral, setSeveral] = useState(false);
  const choose = (files: File[]) => {
    const [file] = files;
    setSeveral(files.length > 1);
    if (file && files.length === 1) take(file);
  };
  const isOver = useDrop(choose);
  return (
    <div className={isOver ? "drop over" : "drop"}>
      <p>{said.drop}</p>
      <FileTrigger acceptedFileTypes={KINDS} onSelect={(list) => choose([...(list ?? [])])}>
        <Button className="primary" autoFocus={isBack}>
          {said.choose}
        </Button>
      </FileTrigger>
      <p className="reason">{said.kinds}</p>
      {isSeveral && (
        <p role="alert" className="problem">
          {said.oneAtATime}
        </p>
      )}
    </div>
  );
}

function Under({ sending, stop }: { sending: Sending; stop: () => void }) {
  useDrop(() => undefined); // one file is on its way
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => button.current?.focus(), []);
  return (
    <div className="drop">
      <p>
        <bdi>{sending.name}</bdi>
      </p>
      <Bar label={said.sending} percent={sending.percent} />
      <p className="unseen" role="status">
        {said.sent(number(quarterOf(sending.percent)))}
      </p>
      <Button ref={button} onPress={stop}>
        {said.stop}
      </Button>
    </div>
  );
}
