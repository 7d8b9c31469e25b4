/** The choices for an uploaded list, and the dry run that checks them. What is refused is said beside what it concerns. */
import { type FormEvent, useState } from "react";
import { Button } from "react-aria-components";
import { useMutation } from "urql";
import { go } from "../address";
import { about, aboutTheRest, type Refusal, refusalsOf } from "../graph/refusals";
import { texts, thisMonth } from "../texts";
import { Link } from "../ui/link";
import { Reasons } from "../ui/reason";
import { importsAt } from "./address";
import { Columns } from "./columns";
import { CHECK, type Location, type Preview } from "./documents";
import {
  checkInput,
  type Draft,
  draftOf,
  keepDraft,
  missing,
  PARTS,
  type Part,
  withChannel,
  withField,
} from "./draft";
import { ChannelChoice, Field, Problems } from "./fields";
import { SpeedChoice } from "./speed";

const said = texts.imports;

type Props = {
  upload: string;
  preview: Preview;
  locations: Location[];
  location: string | null;
  timeZone: string;
};

export function SetUpForm({ upload, preview, locations, location, timeZone }: Props) {
  const { columns } = preview;
  const [draft, setDraft] = useState(() => draftOf(upload, columns, location));
  const [refusals, setRefusals] = useState<Refusal[]>([]);
  const check = useCheck(upload, preview);
  const name = draft.name ?? suggestedName(draft.location, locations, timeZone);
  const change = (next: Draft) => {
    setDraft(next);
    keepDraft(upload, next);
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (check.isRunning) return;
    const found = missing(draft, said.missing);
    const refused = found.length > 0 ? found : await check.run({ ...draft, name });
    setRefusals(refused);
    showFirst(refused);
  };
  return (
    <form className="set-up" onSubmit={submit} noValidate>
      <Understood preview={preview} />
      <fieldset>
        <legend>{said.columns.title}</legend>
        <Columns
          columns={columns}
          fields={draft.fields}
          choose={(at, field) => change(withField(draft, at, field))}
          id="mapping"
          isRefused={about(refusals, "mapping").length > 0}
        />
        <Problems part="mapping" refusals={refusals} />
      </fieldset>
      <Field part="locationId" label={texts.filters.location} refusals={refusals}>
        {(control) => (
          <select
            {...control}
            value={draft.location ?? ""}
            onChange={(event) => change({ ...draft, location: event.target.value || null })}
          >
            <option value="">{said.missing.location}</option>
            {locations.map((one) => (
              <option key={one.id} value={one.id}>
                {one.name}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field part="name" label={said.name} hint={said.nameHint} refusals={refusals}>
        {(control) => (
          <input
            {...control}
            value={name}
            onChange={(event) => change({ ...draft, name: event.target.value })}
          />
        )}
      </Field>
      <ChannelChoice
        chosen={draft.channels}
        choose={(channel, isChosen) => change(withChannel(draft, channel, isChosen))}
        refusals={refusals}
      />
      <SpeedChoice speed={draft.speed} choose={(speed) => change({ ...draft, speed })} refusals={refusals} />
      <p className="reason">{said.checkHint}</p>
      <Reasons refusals={aboutTheRest(refusals, PARTS)} />
      <div className="buttons">
        <Button type="submit" className="primary">
          {said.check}
        </Button>
      </div>
    </form>
  );
}

function Understood({ preview }: { preview: Preview }) {
  const { encoding, delimiter, warnings } = preview;
  const named = said.delimiters[delimiter as keyof typeof said.delimiters] ?? `“${delimiter}”`;
  return (
    <>
      <p>{delimiter === "" ? said.spreadsheet(encoding) : said.understood(encoding, named)}</p>
      {warnings.length > 0 && (
        <div role="alert" className="problem">
          {warnings.map((one) => (
            <p key={one.code}>
              {said.previewWarnings[one.code]} <span lang="en">{one.message}</span>
            </p>
          ))}
          <Link to={importsAt({ new: "1" })}>{said.file.another}</Link>
        </div>
      )}
    </>
  );
}

function suggestedName(location: string | null, locations: Location[], timeZone: string): string {
  const found = locations.find((one) => one.id === location);
  return found ? `${thisMonth(found.timeZone)} – ${found.name}` : thisMonth(timeZone);
}

/** Where the focus goes, so that the reason is read: to the first control that something is wrong with. */
function showFirst(refusals: Refusal[]): void {
  const part: Part | undefined = PARTS.find((one) => about(refusals, one).length > 0);
  if (part) document.getElementById(`set-up-${part}`)?.focus();
}

function useCheck(upload: string, { columns }: Preview) {
  const [{ fetching }, run] = useMutation(CHECK);
  const [last, setLast] = useState({ asked: "", key: "" });
  return {
    isRunning: fetching,
    /** Opens the import, or returns why there is none. The same choices have the same key, however often they are sent. */
    run: async (draft: Draft & { name: string }): Promise<Refusal[]> => {
      const { location } = draft;
      if (location === null) return [];
      const asked = JSON.stringify(draft);
      const key = asked === last.asked ? last.key : crypto.randomUUID();
      setLast({ asked, key });
      const answer = await run({ input: checkInput(upload, columns, { ...draft, location }, key) });
      const made = answer.data?.bulkImport?.bulkImport;
      if (made) go(importsAt({ upload, import: made.id }));
      return made ? [] : refusalsOf(answer);
    },
  };
}
