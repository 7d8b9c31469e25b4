/** Why nobody was signed in, and what to do. */
import type { Refusal } from "../session";
import { texts } from "../texts";

export function Refused({ refusal }: { refusal: Refusal | null }) {
  return <div role="alert">{refusal !== null && <p className="refused">{sentenceOf(refusal)}</p>}</div>;
}

function sentenceOf(refusal: Refusal): string {
  const sentences: Record<string, string> = texts.signIn.refusals;
  return sentences[refusal] ?? texts.unreachable;
}
