/** Keeps the focus on the page: when what has it goes away or is disabled, it moves to the nearest part around it that can take it. */

/** Where the focus is if nothing around it is left, as after signing in or out. */
const PLACES = ".place, main[tabindex]";

/** What had the focus last, and all around it. */
let last: Element[] = [];

export function keepFocus(): void {
  addEventListener("focusin", ({ target }) => {
    last = target instanceof Element ? [...pathOf(target)] : [];
  });
  addEventListener("pointerdown", () => {
    last = []; // whoever presses beside everything wants the focus nowhere
  });
  new MutationObserver(() => isGone() && soon(restore)).observe(document, {
    attributeFilter: ["disabled", "hidden"],
    childList: true,
    subtree: true,
  });
}

function* pathOf(element: Element): Iterable<Element> {
  for (let one: Element | null = element; one && one !== document.body; one = one.parentElement) yield one;
}

function isLost(): boolean {
  return isGone() && document.activeElement === document.body;
}

/** Browsers leave the focus on a button that is disabled until they draw the next frame. */
function isGone(): boolean {
  const [had] = last;
  return had !== undefined && !isThere(had);
}

function isThere(element: Element): boolean {
  return element.isConnected && element.checkVisibility() && !element.matches(":disabled");
}

/** Dialogs give the focus back by themselves, in the next frame. */
function soon(act: () => void): void {
  requestAnimationFrame(() => requestAnimationFrame(act));
}

function restore(): void {
  if (!isLost()) return;
  const around = last.find((one) => isThere(one) && one.hasAttribute("tabindex"));
  const heir = around ?? document.querySelector(PLACES);
  if (heir instanceof HTMLElement) heir.focus({ preventScroll: true });
}
