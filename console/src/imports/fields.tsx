/** Parts of the form with what the server says about them. */
import type { ReactNode } from "react";
import { about, type Refusal } from "../graph/refusals";
import { texts } from "../texts";
import { Reasons } from "../ui/reason";
import type { Channel } from "./documents";
import type { Part } from "./draft";

const said = texts.imports;
const CHANNELS: Channel[] = ["EMAIL", "SMS"];

export function Problems({ part, refusals }: { part: Part; refusals: Refusal[] }) {
  return <Reasons id={`problem-${part}`} refusals={about(refusals, part)} />;
}

export type Control = { id: string; "aria-invalid": boolean; "aria-describedby": string | undefined };

/** How a control is found, and tied to what is wrong with it. */
export function controlOf(part: Part, refusals: Refusal[], hint?: string): Control {
  const isRefused = about(refusals, part).length > 0;
  const describedBy = [hint && `hint-${part}`, isRefused && `problem-${part}`].filter(Boolean).join(" ");
  return { id: `set-up-${part}`, "aria-invalid": isRefused, "aria-describedby": describedBy || undefined };
}

type FieldProps = {
  part: Part;
  label: string;
  hint?: string;
  refusals: Refusal[];
  children: (control: Control) => ReactNode;
};

export function Field({ part, label, hint, refusals, children }: FieldProps) {
  return (
    <div className="field">
      <label htmlFor={`set-up-${part}`}>{label}</label>
      {children(controlOf(part, refusals, hint))}
      {hint && (
        <p id={`hint-${part}`} className="reason">
          {hint}
        </p>
      )}
      <Problems part={part} refusals={refusals} />
    </div>
  );
}

type ChannelProps = {
  chosen: readonly Channel[];
  choose: (channel: Channel, isChosen: boolean) => void;
  refusals: Refusal[];
};

export function ChannelChoice({ chosen, choose, refusals }: ChannelProps) {
  const { id, ...control } = controlOf("channels", refusals);
  return (
    <fieldset>
      <legend>{said.channels}</legend>
      {CHANNELS.map((channel, at) => (
        <label key={channel} className="option">
          <input
            type="checkbox"
            {...control}
            id={at === 0 ? id : undefined}
            checked={chosen.includes(channel)}
            onChange={(event) => choose(channel, event.target.checked)}
          />
          {said.channel[channel]}
        </label>
      ))}
      <Problems part="channels" refusals={refusals} />
    </fieldset>
  );
}
