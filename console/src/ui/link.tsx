/** A link to another view: followed here without loading the document again, and otherwise like any link. */
import type { MouseEvent, ReactNode } from "react";
import { go } from "../address";

type Props = { to: string; isCurrent?: boolean; className?: string; children: ReactNode };

export function Link({ to, isCurrent = false, className, children }: Props) {
  const follow = (event: MouseEvent) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(to);
  };
  return (
    <a className={className} href={to} onClick={follow} aria-current={isCurrent ? "page" : undefined}>
      {children}
    </a>
  );
}
