/** What can be done with an import: start, pause, resume, cancel, and send a finished list by another channel. */
import { type RefObject, useEffect, useRef, useState } from "react";
import { Button } from "react-aria-components";
import { useMutation } from "urql";
import { type Refusal, refusalsOf } from "../graph/refusals";
import { number, texts } from "../texts";
import { Confirm } from "../ui/confirm";
import { Reasons } from "../ui/reason";
import { Again } from "./again";
import { type BulkImport, CANCEL, PAUSE, RESUME, START, type State } from "./documents";
import { type Action, actionsOf, otherChannels } from "./progress";

const said = texts.imports.controls;

type Simple = Exclude<Action, "again">;

export function Controls({ found }: { found: BulkImport }) {
  const { progress, channels } = found;
  const { run, refusals, acted } = useControl(found);
  const section = useFocusKept(progress.state, acted);
  const [asking, setAsking] = useState(false);
  const actions = actionsOf(progress.state);
  const buttons = actions.filter((one): one is Simple => one !== "again" && isOffered(one, found));
  return (
    <section aria-label={said.title} ref={section} tabIndex={-1}>
      <div className="controls">
        {buttons.map((action) => (
          <Button
            key={action}
            className={action === "start" || action === "resume" ? "primary" : ""}
            onPress={() => (action === "cancel" ? setAsking(true) : void run(action))}
          >
            {action === "start" ? said.startWith(number(progress.invitedRows)) : said[action]}
          </Button>
        ))}
      </div>
      <Reasons refusals={refusals} />
      {actions.includes("again") && otherChannels(channels).length > 0 && <Again found={found} />}
      {asking && (
        <Confirm
          title={said.cancelTitle(found.name)}
          body={found.dryRun ? said.discardBody : said.cancelBody}
          confirm={said.cancel}
          dismiss={said.keep}
          done={(agreed) => {
            setAsking(false);
            if (agreed) void run("cancel");
          }}
        />
      )}
    </section>
  );
}

/** A list of which nobody would be invited is not worth starting. */
function isOffered(action: Simple, { progress }: BulkImport): boolean {
  return action !== "start" || progress.invitedRows > 0;
}

function useControl({ id }: BulkImport) {
  const [starting, start] = useMutation(START);
  const [pausing, pause] = useMutation(PAUSE);
  const [resuming, resume] = useMutation(RESUME);
  const [cancelling, cancel] = useMutation(CANCEL);
  const [refusals, setRefusals] = useState<Refusal[]>([]);
  const acted = useRef(false);
  const ask = (action: Simple) => {
    if (action === "start") return start({ input: { bulkImportId: id } });
    return { pause, resume, cancel }[action]({ id });
  };
  const isRunning = [starting, pausing, resuming, cancelling].some((one) => one.fetching);
  return {
    refusals,
    acted,
    run: async (action: Simple) => {
      if (isRunning) return;
      acted.current = true;
      setRefusals(refusalsOf(await ask(action)));
    },
  };
}

/** The button that was pressed goes with the state; then the focus stays among those that come. */
function useFocusKept(state: State, acted: RefObject<boolean>): RefObject<HTMLElement | null> {
  const section = useRef<HTMLElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each state has buttons of its own
  useEffect(() => {
    if (acted.current && document.activeElement === document.body)
      section.current?.focus({ preventScroll: true });
  }, [state]);
  return section;
}
