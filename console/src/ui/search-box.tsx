/** A search while one types: the address follows a moment after the last key, and Escape clears it. */
import { useEffect, useState } from "react";
import { Button, Input, Label, SearchField } from "react-aria-components";
import { texts } from "../texts";

const TYPING_MS = 120;
type Props = { label: string; hint: string; term: string; search: (term: string) => void };

export function SearchBox({ label, hint, term, search }: Props) {
  const [typed, setTyped] = useState(term);
  useEffect(() => setTyped(term), [term]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only what was typed starts a search
  useEffect(() => {
    if (typed === term) return;
    const timer = setTimeout(() => search(typed), TYPING_MS);
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
