/** The choice of a period: its first and last day, or one of those that are often asked for. */
import { useEffect, useId, useMemo, useState } from "react";
import { ToggleButton } from "react-aria-components";
import { go, withParams } from "../address";
import { texts } from "../texts";
import { type Days, isAllTime, isDay, isReversed, lastDays, today } from "./days";
import "./period.css";

const said = texts.period;
const OFFERED = [7, 30, 90];
type Props = { days: Days; timeZone?: string };

/** Changes the address; a page of a list begins anew. */
function choose(days: Partial<Days>, replace = false): void {
  go(withParams({ ...days, after: null }), { replace });
}

export function Period({ days, timeZone }: Props) {
  const now = useMemo(() => today(timeZone), [timeZone]);
  const offers = OFFERED.map((count) => [said.last(count), lastDays(count, now)] as const);
  return (
    <fieldset className="period">
      <legend className="unseen">{said.title}</legend>
      <DayField name={said.since} day={days.since} change={(since) => choose({ since }, true)} />
      <DayField name={said.until} day={days.until} change={(until) => choose({ until }, true)} />
      {offers.map(([name, offer]) => (
        <ToggleButton
          key={name}
          isSelected={days.since === offer.since && days.until === null}
          onPress={() => choose(offer)}
        >
          {name}
        </ToggleButton>
      ))}
      <ToggleButton isSelected={isAllTime(days)} onPress={() => choose({ since: null, until: null })}>
        {said.allTime}
      </ToggleButton>
      <p role="status">{isReversed(days) && said.reversed}</p>
    </fieldset>
  );
}

type Field = { name: string; day: string | null; change: (day: string | null) => void };

function DayField({ name, day, change }: Field) {
  const id = useId();
  const [typed, setTyped] = useState(day ?? "");
  useEffect(() => setTyped(day ?? ""), [day]);
  const type = (text: string) => {
    setTyped(text);
    if (text === "" || isDay(text)) change(text || null);
  };
  return (
    <span className="day">
      <label htmlFor={id}>{name}</label>
      <input id={id} type="date" value={typed} onChange={(event) => type(event.target.value)} />
    </span>
  );
}
