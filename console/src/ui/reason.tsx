/** Why something was refused: in the reader's language, and in the server's own words, which are English and say more. */
import type { Refusal } from "../graph/refusals";
import { texts } from "../texts";

export function Reason({ refusal: { code, message } }: { refusal: Refusal }) {
  if (code === undefined || texts.language === "en") return message;
  return (
    <>
      {texts.refusals[code]} <span lang="en">{message}</span>
    </>
  );
}

/** Refusals one below the other, read aloud as they come. */
export function Reasons({ refusals }: { refusals: Refusal[] }) {
  return refusals.map((one) => (
    <p key={one.message} role="alert" className="problem">
      <Reason refusal={one} />
    </p>
  ));
}
