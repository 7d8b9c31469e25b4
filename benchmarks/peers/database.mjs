/** What the peers in JavaScript share: a connection pool with the floor's settings, and values as Plaudit's API has them. */
import pg from "pg";

const DATE = 1082;
const MOMENT = 1184;
const SETTINGS = "-c plan_cache_mode=force_generic_plan -c jit=off -c TimeZone=UTC";

// A Date has no microseconds, and costs more than the text.
pg.types.setTypeParser(MOMENT, moment);
pg.types.setTypeParser(DATE, (text) => text);

export const poolConfig = { connectionString: process.env.PEER_DATABASE_URL, max: 10, options: SETTINGS };

const pool = new pg.Pool(poolConfig);

/** The rows of a statement, prepared by its name. */
export async function rows(name, text, values) {
  return (await pool.query({ name, text, values })).rows;
}

function moment(text) {
  const [whole, fraction] = text.slice(0, -"+00".length).split(".");
  return `${whole.replace(" ", "T")}${fraction ? `.${fraction.padEnd(6, "0")}` : ""}Z`;
}

export const publicId = (prefix, key) => `${prefix}_${key.replaceAll("-", "")}`;

/** PostgreSQL reads keys without hyphens too. */
export const keyOf = (id) => id.slice(id.indexOf("_") + 1);

export const cursorOf = ({ invitedOn, id }) => `${invitedOn}:${keyOf(id).replaceAll("-", "")}`;

/** The moment and the key of a cursor. */
export function positionOf(cursor) {
  const at = cursor.lastIndexOf(":");
  return [cursor.slice(0, at), cursor.slice(at + 1)];
}

/** A page's connection from its edges, of which there is one more than asked for if more follow. */
export function connection(found, first, after = null) {
  const edges = found.slice(0, first);
  const [startCursor, endCursor] = [edges[0]?.cursor, edges.at(-1)?.cursor];
  return {
    edges,
    pageInfo: { hasNextPage: found.length > first, hasPreviousPage: after !== null, startCursor, endCursor },
  };
}
