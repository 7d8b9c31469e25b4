/** A choice of one of several names. */
import { Button, Label, ListBox, ListBoxItem, Popover, Select, SelectValue } from "react-aria-components";

export type Option = { id: string; name: string };
type Props = { label: string; options: Option[]; chosen: string | null; choose: (id: string) => void };

export function Choice({ label, options, chosen, choose }: Props) {
  return (
    <Select className="choice" value={chosen} onChange={(key) => choose(String(key))}>
      <Label className="unseen">{label}</Label>
      <Button>
        <SelectValue />
        <span aria-hidden="true">▾</span>
      </Button>
      <Popover>
        <ListBox items={options}>
          {(option) => <ListBoxItem id={option.id}>{option.name}</ListBoxItem>}
        </ListBox>
      </Popover>
    </Select>
  );
}
