/** The second step: how the file is understood, what its columns are, and how the list is to be sent. */
import { useEffect, useState } from "react";
import { useMutation } from "urql";
import { type Refusal, refusalsOf } from "../graph/refusals";
import { texts } from "../texts";
import { Link } from "../ui/link";
import { Reasons } from "../ui/reason";
import { Failure, Loading } from "../ui/states";
import { importsAt } from "./address";
import { type Location, PREVIEW, type Preview } from "./documents";
import { Frame, Steps, toLists } from "./frame";
import { SetUpForm } from "./set-up-form";

const said = texts.imports;

type Props = { upload: string; locations: Location[]; preferred: string | null; timeZone: string };

export function SetUp({ upload, locations, preferred, timeZone }: Props) {
  const { preview, refusals, isUnreachable, again } = usePreview(upload);
  const only = locations.length === 1 ? locations[0]?.id : undefined;
  const known = locations.find((one) => one.id === preferred)?.id ?? only ?? null;
  return (
    <Frame title={said.newList} back={toLists()}>
      <Steps current="setUp" />
      {isUnreachable && <Failure retry={again} />}
      {!preview && !isUnreachable && refusals.length === 0 && <Loading />}
      <Unreadable refusals={refusals} />
      {preview && (
        <SetUpForm
          upload={upload}
          preview={preview}
          locations={locations}
          location={known}
          timeZone={timeZone}
        />
      )}
    </Frame>
  );
}

function Unreadable({ refusals }: { refusals: Refusal[] }) {
  return (
    <Reasons refusals={refusals}>
      <p>
        <Link to={importsAt({ new: "1" })}>{said.file.another}</Link>
      </p>
    </Reasons>
  );
}

type Seen = { preview: Preview | null; refusals: Refusal[]; isUnreachable: boolean; again: () => void };

function usePreview(upload: string): Seen {
  const [{ data, error, ...answer }, read] = useMutation(PREVIEW);
  const [attempt, setAttempt] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt reads again
  useEffect(() => void read({ upload }), [upload, read, attempt]);
  const isUnreachable = !!error?.networkError;
  return {
    preview: data?.previewBulkImport?.preview ?? null,
    refusals: isUnreachable || answer.fetching ? [] : refusalsOf({ data, error }),
    isUnreachable,
    again: () => setAttempt(attempt + 1),
  };
}
