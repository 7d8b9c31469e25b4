/** A choice of one of several names. */
import { useId } from "react";

export type Option = { id: string; name: string };
type Props = { label: string; options: Option[]; chosen: string | null; choose: (id: string) => void };

export function Choice({ label, options, chosen, choose }: Props) {
  const id = useId();
  return (
    <span className="choice">
      <label htmlFor={id} className="unseen">
        {label}
      </label>
      {/* The browser's own: small, and right for phones, keyboards and screen readers. */}
      <select id={id} value={chosen ?? ""} onChange={(event) => choose(event.target.value)}>
        {options.map((option) => (
          <option key={option.id} value={option.id}>
            {option.name}
          </option>
        ))}
      </select>
    </span>
  );
}
