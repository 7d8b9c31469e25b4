/** The fields of the dialog, each with its label and with what is to correct about it. */
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
import { texts } from "../texts";
import type { FIELDS } from "./answers";

const said = texts.invite;
type TextProps = { name: (typeof FIELDS)[number]; inputMode?: "email" | "tel"; autoFocus?: boolean };

/** A line of text; the browser offers nothing, as it knows the member and not the customer. */
export function Text({ name, inputMode, autoFocus = false }: TextProps) {
  return (
    <TextField className="field" name={name} autoComplete="off" autoFocus={autoFocus}>
      <Label>{said.fields[name]}</Label>
      <Input dir="auto" {...(inputMode ? { inputMode } : {})} />
      {name === "phone" && <Hint slot="description">{said.phoneHint}</Hint>}
      <FieldError />
    </TextField>
  );
}

type LocationProps = { locations: { id: string; name: string }[]; chosen: string | null };

/** The inviting location: the one that the page shows, or the only one; otherwise it must be chosen. */
export function Location({ locations, chosen }: LocationProps) {
  const only = locations.length === 1 ? locations[0]?.id : undefined;
  const start = chosen ?? only ?? null;
  return (
    <Select
      className="field choice"
      name="locationId"
      defaultValue={start}
      autoFocus={start === null}
      placeholder="–"
    >
      <Label>{said.fields.locationId}</Label>
      <Button>
        <SelectValue />
        <span aria-hidden="true">▾</span>
      </Button>
      <FieldError />
      <Popover>
        <ListBox items={locations}>{(one) => <ListBoxItem id={one.id}>{one.name}</ListBoxItem>}</ListBox>
      </Popover>
    </Select>
  );
}

export function Channels() {
  return (
    <CheckboxGroup className="field channels" name="channels" defaultValue={["EMAIL"]}>
      <Label>{said.fields.channels}</Label>
      {(["EMAIL", "SMS"] as const).map((channel) => (
        <Checkbox key={channel} value={channel}>
          <span className="box" aria-hidden="true" />
          {said.channels[channel]}
        </Checkbox>
      ))}
      <FieldError />
    </CheckboxGroup>
  );
}
