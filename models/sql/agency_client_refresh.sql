-- Recomputes the summary rows of clients from their sources ($1 accounts, $2 invitations included in their plans,
-- $3 current cycles, $4 when these end).
insert into agency_client as c (account_id, agency_id, name_key, cycle_starts_on, resets_at, invited, allowance, nps_submitted,
  promoters, detractors, rated, rating_sum)
select a.id, a.agency_id, public.plaudit_fold(a.name), t.cycle, t.resets_at,
  coalesce((select invited from account_usage u where u.account_id = a.id and u.cycle_starts_on = t.cycle), 0),
  t.invitations + coalesce((select sum(invitations) from boost b where b.account_id = a.id and b.cycle_starts_on = t.cycle), 0),
  coalesce(f.nps_submitted, 0), coalesce(f.promoters, 0), coalesce(f.detractors, 0), coalesce(f.rated, 0), coalesce(f.rating_sum, 0)
from unnest($1::uuid[], $2::int[], $3::date[], $4::timestamptz[]) as t (account_id, invitations, cycle, resets_at)
join account a on a.id = t.account_id and a.agency_id is not null
cross join lateral (
  select sum(nps_submitted) as nps_submitted, sum(promoters) as promoters, sum(detractors) as detractors, sum(rated) as rated,
    sum(rating_sum) as rating_sum
  from funnel_day d where d.account_id = a.id and d.location_id is not null
) f
on conflict (account_id) do update set
  agency_id = excluded.agency_id, name_key = excluded.name_key, cycle_starts_on = excluded.cycle_starts_on,
  resets_at = excluded.resets_at, invited = excluded.invited, allowance = excluded.allowance,
  nps_submitted = excluded.nps_submitted, promoters = excluded.promoters, detractors = excluded.detractors,
  rated = excluded.rated, rating_sum = excluded.rating_sum
