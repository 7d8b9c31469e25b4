/** Writes dist/operations.json: every operation that the console sends, by "sha256:" and the hash of its text, as manifests of
 * trusted documents have them. */
import { createHash } from "node:crypto";
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { formatDocument, stringifyDocument } from "@urql/core";
import { Kind, parse, visit } from "graphql";

const DOCUMENT = /graphql\(\s*`([^`]*)`/g;

const files = globSync("src/**/*.{ts,tsx}");
const sources = files.flatMap((file) =>
  [...readFileSync(file, "utf8").matchAll(DOCUMENT)].map(([, text]) => text),
);
const definitions = sources.flatMap((source) => parse(source, { noLocation: true }).definitions);
const fragments = new Map(
  definitions.filter((one) => one.kind === Kind.FRAGMENT_DEFINITION).map((one) => [one.name.value, one]),
);

/** The names of the fragments that this definition uses, also by others, in the order in which the client adds them. */
function used(definition, found = new Set()) {
  visit(definition, {
    FragmentSpread({ name: { value } }) {
      if (found.has(value)) return;
      found.add(value);
      used(fragments.get(value), found);
    },
  });
  return found;
}

const manifest = {};
for (const operation of definitions.filter((one) => one.kind === Kind.OPERATION_DEFINITION)) {
  const needed = [...used(operation)].map((name) => fragments.get(name));
  const document = formatDocument({ kind: Kind.DOCUMENT, definitions: [operation, ...needed] });
  const text = stringifyDocument(document);
  manifest[`sha256:${createHash("sha256").update(text).digest("hex")}`] = text;
}
writeFileSync("dist/operations.json", `${JSON.stringify(manifest, null, 1)}\n`);
