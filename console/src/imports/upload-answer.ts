/** What the server answers to a file. */
import { texts } from "../texts";

/** The id of a file that was taken, or null. */
export function uploadIdOf(status: number, body: string): string | null {
  const id = status === 201 ? read(body)?.uploadId : null;
  return typeof id === "string" ? id : null;
}

/** The sentence in an answer that refuses a file: text, or the errors of a denied permission. */
export function reasonOf(status: number, body: string): string {
  const message = read(body)?.errors?.[0]?.message;
  if (typeof message === "string") return message;
  const isSentence = status >= 400 && status < 600 && body.trim() !== "" && !body.includes("<");
  return isSentence ? body.trim() : texts.unreachable;
}

type Body = { uploadId?: unknown; errors?: { message?: unknown }[] };

function read(body: string): Body | null {
  try {
    const found: unknown = JSON.parse(body);
    return typeof found === "object" ? (found as Body) : null;
  } catch {
    return null;
  }
}
