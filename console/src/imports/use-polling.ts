/** Does something again and again while the tab is looked at and online; null: not at all. */
import { useEffect, useEffectEvent } from "react";

export function usePolling(everyMs: number | null, look: () => void): void {
  const again = useEffectEvent(() => {
    if (!document.hidden && navigator.onLine) look();
  });
  useEffect(() => {
    if (everyMs === null) return;
    const timer = setInterval(() => again(), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
}
