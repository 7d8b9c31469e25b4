/** What the server answers to a file. */
import type { Refusal } from "../graph/refusals";
import { texts } from "../texts";

/** The id of a file that was taken, or null. */
export function uploadIdOf(status: number, body: string): string | null {
  const id = status === 201 ? read(body)?.uploadId : null;
  return typeof id === "string" ? id : null;
}

const TOO_LARGE = 413;

/** Why a file was refused: text, or the errors of a denied permission; a proxy in front of the server says it with a page. */
export function reasonOf(status: number, body: string): Refusal {
  const [error] = read(body)?.errors ?? [];
  const code = error?.extensions?.code ?? (status === TOO_LARGE ? "FILE_TOO_LARGE" : "");
  if (typeof error?.message === "string") return { part: null, code, message: error.message };
  const isSentence = status >= 400 && status < 600 && body.trim() !== "" && !body.includes("<");
  if (isSentence) return { part: null, code, message: body.trim() };
  return { part: null, message: status === TOO_LARGE ? texts.imports.file.tooLarge : texts.unreachable };
}

type Body = { uploadId?: unknown; errors?: { message?: unknown; extensions?: { code?: string } }[] };

function read(body: string): Body | null {
  try {
    const found: unknown = JSON.parse(body);
    return typeof found === "object" ? (found as Body) : null;
  } catch {
    return null;
  }
}
