/** How fast the first messages of a list are sent. */
import { useId } from "react";
import type { Refusal } from "../graph/refusals";
import { texts } from "../texts";
import type { Pace, Speed } from "./draft";
import { controlOf, Problems } from "./fields";

const said = texts.imports.speed;

type Props = { speed: Speed; choose: (speed: Speed) => void; refusals: Refusal[] };

export function SpeedChoice({ speed, choose, refusals }: Props) {
  const group = useId();
  const { id, ...control } = controlOf("sendSpeed", refusals);
  const option = (pace: Pace, label: string) => (
    <label className="option">
      <input
        type="radio"
        name={group}
        checked={speed.pace === pace}
        onChange={() => choose({ ...speed, pace })}
      />
      {label}
    </label>
  );
  const amount = (label: string, value: string, change: (value: string) => void) => (
    <label className="option amount">
      {label}
      <input
        {...control}
        id={id}
        inputMode="numeric"
        value={value}
        onChange={(event) => change(event.target.value)}
      />
    </label>
  );
  return (
    <fieldset>
      <legend>{said.title}</legend>
      {option("SOON", said.soon)}
      {option("PER_HOUR", said.perHour)}
      {speed.pace === "PER_HOUR" &&
        amount(said.howManyPerHour, speed.perHour, (perHour) => choose({ ...speed, perHour }))}
      {option("DAYS", said.overDays)}
      {speed.pace === "DAYS" && amount(said.howManyDays, speed.days, (days) => choose({ ...speed, days }))}
      <Problems part="sendSpeed" refusals={refusals} />
    </fieldset>
  );
}
