/** Takes files that are dropped on an element. Choosing them by a button is the way for everybody else. */
import { type RefObject, useEffect, useEffectEvent, useState } from "react";

/** Returns whether files are just above the element. */
export function useDrop(area: RefObject<HTMLElement | null>, take: (files: File[]) => void): boolean {
  const [isOver, setOver] = useState(false);
  const dropped = useEffectEvent(take);
  useEffect(() => {
    const listening = new AbortController();
    const listen = (kind: "dragover" | "dragleave" | "drop", heard: (event: DragEvent) => void) =>
      area.current?.addEventListener(kind, heard, { signal: listening.signal });
    listen("dragover", (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault(); // otherwise the browser opens the file
      setOver(true);
    });
    listen("dragleave", () => setOver(false));
    listen("drop", (event) => {
      event.preventDefault();
      setOver(false);
      dropped([...(event.dataTransfer?.files ?? [])]);
    });
    return () => listening.abort();
  }, [area]);
  return isOver;
}
