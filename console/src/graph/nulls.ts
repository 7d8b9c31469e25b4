/** Where an error has left a null. An error of a field that must not be null makes null of what contains it; the cache looks at
 * the error's path, and would keep that null as an answer. */
type Path = readonly (string | number)[];

/** The part of the path that leads to the null. */
export function nullAt(data: unknown, path: Path): Path {
  let value = data;
  for (const [depth, step] of path.entries()) {
    if (value === null || typeof value !== "object") return path.slice(0, depth);
    value = (value as Record<string | number, unknown>)[step];
  }
  return path;
}
