/** What the table is narrowed to: a location, and a search while one types. */
import { useEffect, useState } from "react";
import { Button, Input, Label, SearchField } from "react-aria-components";
import { go, withParams } from "../address";
import { number, texts } from "../texts";
import { Choice } from "../ui/choice";
import type { Page } from "./customers-page";
import { isSearchable, type View } from "./view";

const TYPING_MS = 120;
const ALL = "all";
const FIRST_PAGE = { after: null, before: null };
type Props = { view: View; locations: { id: string; name: string }[]; count: Page["totalCount"] };

export function Filters({ view, locations, count }: Props) {
  const options = [{ id: ALL, name: texts.filters.allLocations }, ...locations];
  const choose = (id: string) => go(withParams({ location: id === ALL ? null : id, ...FIRST_PAGE }));
  return (
    <div className="filters">
      <Search term={view.search} />
      {locations.length > 1 && (
        <Choice
          label={texts.filters.location}
          options={options}
          chosen={view.location ?? ALL}
          choose={choose}
        />
      )}
      <p role="status">{texts.table.found(number(count.value), !count.exact)}</p>
    </div>
  );
}

function Search({ term }: { term: string }) {
  const [typed, setTyped] = useState(term);
  useEffect(() => setTyped(term), [term]);
  useEffect(() => {
    if (typed === term) return;
    const timer = setTimeout(
      () => go(withParams({ search: typed || null, ...FIRST_PAGE }), { replace: true }),
      TYPING_MS,
    );
    return () => clearTimeout(timer);
  }, [typed, term]);
  const isTooShort = typed !== "" && !isSearchable(typed);
  return (
    <SearchField className="search" value={typed} onChange={setTyped}>
      <Label className="unseen">{texts.filters.search}</Label>
      <Input placeholder={texts.filters.searchHint} aria-describedby="search-hint" />
      {typed && <Button aria-label={texts.filters.clear}>×</Button>}
      <span id="search-hint" role="status">
        {isTooShort && texts.filters.tooShort}
      </span>
    </SearchField>
  );
}
