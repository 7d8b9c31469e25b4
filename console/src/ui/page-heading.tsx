/** The heading of a view, which takes the focus when the view appears, so that what was pressed before is not lost to readers. */
import { type ReactNode, useEffect, useRef } from "react";

export function PageHeading({ children }: { children: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <h1 ref={heading} tabIndex={-1}>
      {children}
    </h1>
  );
}
