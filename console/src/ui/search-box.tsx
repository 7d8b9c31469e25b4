/** A search while one types: the address follows each key at once, and Escape clears it. */
import { useEffect, useRef, useState } from "react";
import { Button, Input, Label, SearchField } from "react-aria-components";
import { texts } from "../texts";

/** The shortest time between two searches. Only keys that are held come faster, and browsers limit how often an address changes. */
const LEAST_MS = 50;
type Props = { label: string; hint: string; term: string; search: (term: string) => void };

export function SearchBox({ label, hint, term, search }: Props) {
  const [typed, setTyped] = useState(term);
  const last = useRef(Number.NEGATIVE_INFINITY);
  useEffect(() => setTyped(term), [term]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only what was typed starts a search
  useEffect(() => {
    if (typed === term) return;
    const ask = () => {
      last.current = performance.now();
      search(typed);
    };
    const wait = last.current + LEAST_MS - performance.now();
    if (wait <= 0) return ask();
    const timer = setTimeout(ask, wait);
    return () => clearTimeout(timer);
  }, [typed, term]);
  return (
    <SearchField className="search" value={typed} onChange={setTyped}>
      <Label className="unseen">{label}</Label>
      <Input placeholder={hint} />
      {typed && <Button aria-label={texts.filters.clear}>×</Button>}
    </SearchField>
  );
}
