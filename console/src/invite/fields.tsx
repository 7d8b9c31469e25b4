/** The fields of the dialog, each with its label and with what is to correct about it. */

import { createContext, useContext } from "react";
import {
  Button,
  Checkbox,
  CheckboxGroup,
  FieldError,
  Text as Hint,
  Input,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  Select,
  SelectValue,
  TextField,
} from "react-aria-components";
import type { Refusal } from "../graph/refusals";
import { texts } from "../texts";
import "../ui/list-box.css";
import { Reason } from "../ui/reason";
import type { FIELDS, Problems } from "./answers";

const said = texts.invite;

/** What is to correct, by field; a field's problem goes when its value changes, and not when the focus leaves it: then nothing
 * moves under a pointer that is about to press a button. */
export const ProblemsContext = createContext<{
  problems: Problems["beside"];
  correct: (name: string) => void;
}>({
  problems: {},
  correct: () => undefined,
});

function useProblem(name: string) {
  const { problems, correct } = useContext(ProblemsContext);
  const problem = problems[name];
  return { problem, watched: { isInvalid: problem !== undefined, onChange: () => correct(name) } };
}

function Problem({ of: refusals }: { of: Refusal[] | undefined }) {
  return (
    <FieldError>
      {refusals?.map((one) => (
        <span key={one.message}>
          <Reason refusal={one} />{" "}
        </span>
      ))}
    </FieldError>
  );
}

type TextProps = { name: (typeof FIELDS)[number]; inputMode?: "email" | "tel"; autoFocus?: boolean };

/** A line of text; the browser offers nothing, as it knows the member and not the customer. */
export function Text({ name, inputMode, autoFocus = false }: TextProps) {
  const { problem, watched } = useProblem(name);
  return (
    <TextField className="field" name={name} autoComplete="off" autoFocus={autoFocus} {...watched}>
      <Label>{said.fields[name]}</Label>
      <Input dir="auto" {...(inputMode ? { inputMode } : {})} />
      {name === "phone" && <Hint slot="description">{said.phoneHint}</Hint>}
      <Problem of={problem} />
    </TextField>
  );
}

type LocationProps = { locations: { id: string; name: string }[]; chosen: string | null };

/** The inviting location: the one that the page shows, or the only one; otherwise it must be chosen. */
export function Location({ locations, chosen }: LocationProps) {
  const only = locations.length === 1 ? locations[0]?.id : undefined;
  const { problem, watched } = useProblem("locationId");
  const start = chosen ?? only ?? null;
  return (
    <Select
      className="field choice"
      name="locationId"
      defaultValue={start}
      autoFocus={start === null}
      placeholder="–"
      {...watched}
    >
      <Label>{said.fields.locationId}</Label>
      <Button>
        <SelectValue />
        <span aria-hidden="true">▾</span>
      </Button>
      <Problem of={problem} />
      <Popover>
        <ListBox items={locations}>{(one) => <ListBoxItem id={one.id}>{one.name}</ListBoxItem>}</ListBox>
      </Popover>
    </Select>
  );
}

export function Channels() {
  const { problem, watched } = useProblem("channels");
  return (
    <CheckboxGroup className="field channels" name="channels" defaultValue={["EMAIL"]} {...watched}>
      <Label>{said.fields.channels}</Label>
      {(["EMAIL", "SMS"] as const).map((channel) => (
        <Checkbox key={channel} value={channel}>
          <span className="box" aria-hidden="true" />
          {said.channels[channel]}
        </Checkbox>
      ))}
      <Problem of={problem} />
    </CheckboxGroup>
  );
}
