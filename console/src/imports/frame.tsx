/** What every view of imports has: a way back, a heading, and the step that it is. */
import type { ReactNode } from "react";
import { texts } from "../texts";
import { Link } from "../ui/link";
import { PageHeading } from "../ui/page-heading";
import { customersAt, importsAt } from "./address";

/** `of`: whose page it is, for the title of the tab. */
type FrameProps = { title: string; of?: string; back: { to: string; name: string }; children: ReactNode };

export function Frame({ title, of, back, children }: FrameProps) {
  return (
    <main className="imports">
      <title>{[title, of, texts.name].filter(Boolean).join(" · ")}</title>
      <nav>
        <Link to={back.to}>
          <span aria-hidden="true">‹ </span>
          {back.name}
        </Link>
      </nav>
      <PageHeading>
        <bdi>{title}</bdi>
      </PageHeading>
      {children}
    </main>
  );
}

/** The way back to the customers. */
export function toCustomers() {
  return { to: customersAt(), name: texts.customers };
}

/** The way back to the lists so far. */
export function toLists() {
  return { to: importsAt(), name: texts.imports.title };
}

/** Where one is on the way from a file to invitations. */
export function Steps({ current }: { current: keyof typeof texts.imports.steps }) {
  return (
    <ol className="steps">
      {Object.entries(texts.imports.steps).map(([key, name]) => (
        <li key={key} aria-current={key === current ? "step" : undefined}>
          {name}
        </li>
      ))}
    </ol>
  );
}
