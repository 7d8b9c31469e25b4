/** Pages of an agency's clients, each with its usage cards, in one statement. */
import { connection, keyOf, publicId, rows } from "./database.mjs";

const NAME = "select name from account where id = $1";
const pageOf = (limit) => `
select c.account_id, c.name_key, a.name, a.plan, coalesce(u.invited, 0) as invited, c.allowance,
  coalesce(u.reserved, 0) as reserved,
  (select sum(invited) from location_usage l
    where l.account_id = c.account_id and l.cycle_starts_on = c.cycle_starts_on)::int as invited_here,
  (c.resets_at at time zone a.time_zone)::date as resets_on
from (select * from agency_client where agency_id = $1 order by name_key, account_id limit ${limit}) c
join account a on a.id = c.account_id
left join account_usage u on u.account_id = c.account_id and u.cycle_starts_on = c.cycle_starts_on
order by c.name_key, c.account_id
`;

const edgeOf = ({
  account_id,
  name_key,
  name,
  plan,
  invited,
  allowance,
  reserved,
  invited_here,
  resets_on,
}) => ({
  cursor: `${name_key}:${account_id}`,
  node: {
    account: { id: publicId("acc", account_id), name, plan },
    usage: {
      totalInvited: invited,
      allowance,
      remaining: Math.max(allowance - invited - reserved, 0),
      invitedThisCycle: invited_here ?? 0,
      resetsOn: resets_on,
    },
  },
});

export const nameOf = async ({ id }) => (await rows("name", NAME, [keyOf(id)]))[0].name;

export const page = async ({ id }, { first }) =>
  connection((await rows(`clients ${first}`, pageOf(first + 1), [keyOf(id)])).map(edgeOf), first);
