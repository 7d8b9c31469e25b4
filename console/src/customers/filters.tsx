/** What the table is narrowed to: a search while one types, a location, and further filters. */
import { Suspense, useId, useState } from "react";
import { Button, Disclosure, DisclosurePanel, Heading } from "react-aria-components";
import { go, useAddress, withParams } from "../address";
import { Period } from "../funnel/period";
import { part } from "../parts";
import { number, texts } from "../texts";
import { Boundary } from "../ui/boundary";
import { Choice } from "../ui/choice";
import { SearchBox } from "../ui/search-box";
import { Reload } from "../ui/states";
import type { Page } from "./customers-page";
import { FIRST_PAGE, isNarrowed, isSearchable, NARROWING, REVIEWED, SCORES, STATES, type View } from "./view";

const ListFilter = part(() => import("./list-filter"));
const said = texts.filters;
const ANY = "any";
type Props = {
  account: string;
  view: View;
  locations: { id: string; name: string }[];
  timeZone: string;
  count: Page["totalCount"];
  canSeeLists: boolean;
};

export function Filters({ account, view, locations, timeZone, count, canSeeLists }: Props) {
  const isTooShort = view.search !== "" && !isSearchable(view.search);
  const search = (term: string) => go(withParams({ search: term || null, ...FIRST_PAGE }), { replace: true });
  return (
    <div className="filters">
      <SearchBox label={said.search} hint={said.searchHint} term={view.search} search={search} />
      {locations.length > 1 && (
        <Narrow
          name="location"
          label={said.location}
          any={said.allLocations}
          chosen={view.location}
          options={locations}
        />
      )}
      <More account={account} view={view} timeZone={timeZone} canSeeLists={canSeeLists} />
      <p role="status">{isTooShort ? said.tooShort : texts.table.found(number(count.value), !count.exact)}</p>
    </div>
  );
}

/** Further filters, open as long as one of them is set. */
function More({ account, view, timeZone, canSeeLists }: Omit<Props, "locations" | "count">) {
  const narrowed = isNarrowed(useAddress().params);
  const [isOpen, setOpen] = useState(narrowed);
  return (
    <Disclosure className="more-filters" isExpanded={isOpen} onExpandedChange={setOpen}>
      <Heading className="inline">
        <Button slot="trigger">{said.more}</Button>
      </Heading>
      <DisclosurePanel>
        {isOpen && (
          <Further
            account={account}
            view={view}
            timeZone={timeZone}
            canSeeLists={canSeeLists}
            narrowed={narrowed}
          />
        )}
      </DisclosurePanel>
    </Disclosure>
  );
}

type FurtherProps = Omit<Props, "locations" | "count"> & { narrowed: boolean };

function Further({ account, view, timeZone, canSeeLists, narrowed }: FurtherProps) {
  const states = STATES.map((id) => ({ id, name: texts.states[id] }));
  const scores = Object.keys(SCORES).map((id) => ({ id, name: said.scores[id as keyof typeof SCORES] }));
  const reviewed = REVIEWED.map((id) => ({ id, name: said.reviewedOptions[id] }));
  return (
    <>
      <Narrow name="state" label={said.state} any={said.anyState} chosen={view.state} options={states} />
      <Narrow name="score" label={said.score} any={said.anyScore} chosen={view.score} options={scores} />
      <Narrow
        name="reviewed"
        label={said.reviewed}
        any={said.anyReviewed}
        chosen={view.reviewed}
        options={reviewed}
      />
      <Source source={view.source} />
      {canSeeLists ? (
        <Boundary instead={<Reload sentence={texts.broken} />}>
          <Suspense>
            <ListFilter account={account} chosen={view.list} />
          </Suspense>
        </Boundary>
      ) : (
        view.list && <p className="reason">{said.oneList}</p>
      )}
      <Period days={view.days} timeZone={timeZone} />
      {narrowed && <Button onPress={clear}>{said.clearFilters}</Button>}
    </>
  );
}

/** A filter that is typed as the table's column shows it, and counts when it is left. */
function Source({ source }: { source: string | null }) {
  const id = useId();
  const set = (text: string) => {
    if (text.trim() !== (source ?? "")) go(withParams({ source: text.trim() || null, ...FIRST_PAGE }));
  };
  return (
    <form
      className="source"
      onSubmit={(event) => {
        event.preventDefault();
        set(String(new FormData(event.currentTarget).get("source")));
      }}
    >
      <label htmlFor={id}>{said.source}</label>
      <input
        id={id}
        key={source}
        name="source"
        defaultValue={source ?? ""}
        onBlur={(event) => set(event.target.value)}
      />
    </form>
  );
}

function clear(): void {
  go(withParams({ ...Object.fromEntries(NARROWING.map((name) => [name, null])), ...FIRST_PAGE }));
}

type NarrowProps = {
  name: string;
  label: string;
  any: string;
  chosen: string | null;
  options: { id: string; name: string }[];
};

/** A filter that is a choice, or any. */
function Narrow({ name, label, any, chosen, options }: NarrowProps) {
  const choose = (id: string) => go(withParams({ [name]: id === ANY ? null : id, ...FIRST_PAGE }));
  return (
    <Choice
      label={label}
      options={[{ id: ANY, name: any }, ...options]}
      chosen={chosen ?? ANY}
      choose={choose}
    />
  );
}
