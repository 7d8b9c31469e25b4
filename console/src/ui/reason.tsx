/** Why something was refused: in the reader's language, and in the server's own words, which are English and say more. */
import type { ReactNode } from "react";
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

type Props = { refusals: Refusal[]; id?: string; children?: ReactNode };

/** Refusals one below the other, read aloud as they come, and `children` under them; nothing if there are none. */
export function Reasons({ refusals, id, children }: Props) {
  if (refusals.length === 0) return null;
  return (
    <div id={id} role="alert" className="problem">
      {refusals.map((one) => (
        <p key={one.message}>
          <Reason refusal={one} />
        </p>
      ))}
      {children}
    </div>
  );
}
