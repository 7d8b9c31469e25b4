/** A text with the words of a search marked, or a dash. */
import { Fragment } from "react";
import { texts } from "../texts";

export function Marked({ text, term }: { text: string | null; term: string }) {
  if (text === null) return texts.table.none;
  return (
    <bdi>
      {pieces(text, term).map(({ from, piece, isFound }) => (
        <Fragment key={from}>{isFound ? <mark>{piece}</mark> : piece}</Fragment>
      ))}
    </bdi>
  );
}

export type Piece = { from: number; piece: string; isFound: boolean };

/** The text in pieces, of which those are found that are a word of the term, whatever their case. */
export function pieces(text: string, term: string): Piece[] {
  const words = term.normalize("NFC").split(/\s+/).filter(Boolean).map(literal);
  const split =
    words.length > 0 ? text.normalize("NFC").split(new RegExp(`(${words.join("|")})`, "iu")) : [text];
  let from = 0;
  return split.map((piece, at) => {
    const one = { from: from + at / 2, piece, isFound: at % 2 === 1 };
    from += piece.length;
    return one;
  });
}

function literal(word: string): string {
  return word.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}
