/** The columns of the file with their first cells, and the field that each of them is. */
import { texts } from "../texts";
import type { Column, Field } from "./documents";

const said = texts.imports.columns;

type Props = {
  columns: readonly Column[];
  fields: readonly (Field | null)[];
  choose: (at: number, field: Field | null) => void;
  id: string;
  isRefused: boolean;
};

export function Columns({ columns, fields, choose, id, isRefused }: Props) {
  const first = columns.findIndex((column) => column.name !== "");
  return (
    <ul className="columns">
      {columns.map((column, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: columns never change their places, and several can have no name
        <li key={at}>
          <b>{column.name ? <bdi>{column.name}</bdi> : said.unnamed}</b>
          {column.name ? (
            <FieldChoice
              id={at === first ? `set-up-${id}` : undefined}
              describedBy={isRefused ? `problem-${id}` : undefined}
              column={column.name}
              field={fields[at] ?? null}
              choose={(field) => choose(at, field)}
            />
          ) : (
            <span className="reason">{said.ignore}</span>
          )}
          <Samples samples={column.samples} />
        </li>
      ))}
    </ul>
  );
}

function Samples({ samples }: { samples: readonly string[] }) {
  if (samples.length === 0) return <p className="reason">{said.isEmpty}</p>;
  return (
    <p className="samples">
      <span className="unseen">{said.samples}: </span>
      {samples.map((sample, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: samples never change their places, and can be equal
        <bdi key={index}>{sample}</bdi>
      ))}
    </p>
  );
}

type ChoiceProps = {
  id: string | undefined;
  describedBy: string | undefined;
  column: string;
  field: Field | null;
  choose: (field: Field | null) => void;
};

function FieldChoice({ id, describedBy, column, field, choose }: ChoiceProps) {
  return (
    <select
      id={id}
      aria-label={said.fieldOf(column)}
      aria-invalid={describedBy !== undefined}
      aria-describedby={describedBy}
      value={field ?? ""}
      onChange={(event) => choose((event.target.value || null) as Field | null)}
    >
      <option value="">{said.ignore}</option>
      {Object.entries(said.fields).map(([key, name]) => (
        <option key={key} value={key}>
          {name}
        </option>
      ))}
    </select>
  );
}
