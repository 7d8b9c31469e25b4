/** What the browser keeps for this tab or for itself. Where it keeps nothing, because storage is forbidden or full, it lasts
 * as long as the page. */

export type Kept = { get: (key: string) => string | null; set: (key: string, value: string | null) => void };

export function kept(storage: () => Storage): Kept {
  const onPage = new Map<string, string>();
  return {
    get: (key) => onPage.get(key) ?? attempt(() => storage().getItem(key)),
    set: (key, value) => {
      onPage.delete(key);
      attempt(() => storage().removeItem(key)); // of a value that cannot be replaced, nothing stays
      if (value === null) return;
      attempt(() => storage().setItem(key, value));
      if (attempt(() => storage().getItem(key)) !== value) onPage.set(key, value);
    },
  };
}

/** Null if the browser refuses. */
function attempt<T>(step: () => T): T | null {
  try {
    return step();
  } catch {
    return null;
  }
}

export const ofTab = kept(() => sessionStorage);
export const ofBrowser = kept(() => localStorage);
