/** Sends a file to POST /uploads. XMLHttpRequest, since fetch tells nothing of the progress of what it sends. */
import type { Refusal } from "../graph/refusals";
import { endSession, session } from "../session";
import { texts } from "../texts";
import { reasonOf, uploadIdOf } from "./upload-answer";

export type Upload = { done: Promise<string>; stop: () => void };

export class UploadRefused extends Error {
  constructor(readonly refusal: Refusal) {
    super(refusal.message);
  }
}

/** The server looks into the file; what browsers take for its type depends on what is installed. */
const TYPE = "application/octet-stream";

/** Resolves to the upload's id; fails with UploadRefused. */
export function send(file: File, progress: (share: number) => void): Upload {
  const request = new XMLHttpRequest();
  const done = new Promise<string>((resolve, reject) => {
    request.upload.onprogress = (event) => progress(event.total > 0 ? event.loaded / event.total : 0);
    request.onload = () => {
      const { status, responseText } = request;
      if (status === 401) endSession("ended");
      const id = uploadIdOf(status, responseText);
      if (id) resolve(id);
      else reject(new UploadRefused(reasonOf(status, responseText)));
    };
    request.onerror = () => reject(new UploadRefused({ part: null, message: texts.unreachable }));
  });
  request.open("POST", "/uploads");
  request.setRequestHeader("Authorization", `Bearer ${session()?.token ?? ""}`);
  request.setRequestHeader("Content-Type", TYPE);
  request.send(file);
  return { done, stop: () => request.abort() };
}
