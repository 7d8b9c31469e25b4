/** Takes files that are dropped anywhere on the page. Choosing them by a button is the way for everybody else. */
import { useEffectEvent, useLayoutEffect, useState } from "react";

/** Returns whether files are just above the page. */
export function useDrop(take: (files: File[]) => void): boolean {
  const [isOver, setOver] = useState(false);
  const dropped = useEffectEvent(take);
  // Listens before the page is painted: a file dropped earlier would be opened by the browser.
  useLayoutEffect(() => {
    const listening = new AbortController();
    const listen = (kind: "dragover" | "dragleave" | "drop", heard: (event: DragEvent) => void) =>
      addEventListener(kind, (event) => hasFiles(event) && heard(event), listening);
    listen("dragover", (event) => {
      event.preventDefault(); // otherwise the browser opens the file
      setOver(true);
    });
    listen("dragleave", (event) => setOver(event.relatedTarget !== null));
    listen("drop", (event) => {
      event.preventDefault();
      setOver(false);
      dropped([...(event.dataTransfer?.files ?? [])]);
    });
    return () => listening.abort();
  }, []);
  return isOver;
}

function hasFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes("Files") ?? false;
}
