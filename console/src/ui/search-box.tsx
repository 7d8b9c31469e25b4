/** A search while one types: the address follows each key at once, and Escape clears it. */
import { useEffect, useRef, useState } from "react";
import { Button, Input, Label, SearchField } from "react-aria-components";
import { texts } from "../texts";

/** The shortest time between two searches. Only keys that are held come faster, and browsers limit how often an address changes. */
const LEAST_MS = 50;
type Props = { label: string; hint: string; term: string; search: (term: string) => void };

export function SearchBox({ label, hint, term, search }: Props) {
  const [typed, setTyped] = useState(term);
  const last = useRef({ term, at: Number.NEGATIVE_INFINITY });
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const type = (text: string) => {
    setTyped(text);
    clearTimeout(timer.current);
    const ask = () => {
      last.current = { term: text, at: performance.now() };
      search(text);
    };
    const wait = last.current.at + LEAST_MS - performance.now();
    if (wait <= 0) ask();
    else timer.current = setTimeout(ask, wait);
  };
  // A term from elsewhere, as by Back, takes the place of what is typed.
  useEffect(() => {
    if (term === last.current.term) return;
    clearTimeout(timer.current);
    last.current = { ...last.current, term };
    setTyped(term);
  }, [term]);
  useEffect(() => () => clearTimeout(timer.current), []);
  return (
    <SearchField className="search" value={typed} onChange={type}>
      <Label className="unseen">{label}</Label>
      <Input placeholder={hint} />
      {typed && <Button aria-label={texts.filters.clear}>×</Button>}
    </SearchField>
  );
}
