/** Parts of the console that are loaded when they are first shown. */
import { lazy } from "react";

const PAUSE_MS = 1_000;

/** As React's, but a part that cannot be loaded is tried again once: a connection that has just come back may fail at first. */
export const part = ((load) => lazy(() => load().catch(() => afterPause(load)))) as typeof lazy;

async function afterPause<T>(load: () => PromiseLike<T>): Promise<T> {
  await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  return load();
}
