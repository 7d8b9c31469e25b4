-- Updates funnel marks ($1 invitations, $2 day of the first message, $3 opened, $4 clicked, $5 platform chosen, $6 score, $7 reviewed,
-- $8 rating; null leaves a value unchanged), and adds the difference to the day of the location, to the day of its agency and to the
-- client's summary row. Nothing is counted until the first message is sent; then the whole mark is. Who wrote a review counts as clicked, and who
-- clicked as opened.
with asked as (
  select a.*, i.account_id, i.location_id
  from unnest($1::uuid[], $2::date[], $3::bool[], $4::bool[], $5::bool[], $6::smallint[], $7::bool[], $8::numeric[])
    as a (invitation_id, day, opened, clicked, platform_chosen, nps_score, reviewed, rating)
  join invitation i on i.id = a.invitation_id
), before as (
  select m.* from funnel_mark m join asked using (invitation_id)
), after as (
  insert into funnel_mark as m (invitation_id, account_id, location_id, day, opened, clicked, platform_chosen, nps_score, reviewed, rating)
  select invitation_id, account_id, location_id, day, coalesce(opened, false), coalesce(clicked, false),
    coalesce(platform_chosen, false), nps_score, coalesce(reviewed, false), rating
  from asked
  on conflict (invitation_id) do update set
    day = coalesce(m.day, excluded.day),
    opened = coalesce((select q.opened from asked q where q.invitation_id = m.invitation_id), m.opened),
    clicked = coalesce((select q.clicked from asked q where q.invitation_id = m.invitation_id), m.clicked),
    platform_chosen = m.platform_chosen or excluded.platform_chosen, nps_score = coalesce(excluded.nps_score, m.nps_score),
    reviewed = m.reviewed or excluded.reviewed, rating = case when excluded.reviewed then excluded.rating else m.rating end
  returning m.*
), marks as (
  select a.*, 1 as sign from after a left join before b using (invitation_id) where a is distinct from b
  union all
  select b.*, -1 from before b join after a using (invitation_id) where a is distinct from b
), stages as (
  select m.*, m.clicked or m.reviewed as came from marks m
), delta as (
  select account_id, location_id, day, sum(sign) as invited, sum(sign * (opened or came)::int) as opened,
    sum(sign * came::int) as clicked,
    sum(sign * platform_chosen::int) as platform_chosen, coalesce(sum(sign) filter (where nps_score is not null), 0) as nps_submitted,
    coalesce(sum(sign * nps_score), 0) as nps_sum, coalesce(sum(sign) filter (where nps_score >= 9), 0) as promoters,
    coalesce(sum(sign) filter (where nps_score <= 6), 0) as detractors, sum(sign * reviewed::int) as reviewed,
    coalesce(sum(sign) filter (where rating is not null), 0) as rated, coalesce(sum(sign * rating), 0) as rating_sum
  from stages
  where day is not null group by account_id, location_id, day
), places as (
  select * from delta
  union all
  -- Summed by agency first: an upsert can change a row only once.
  select a.agency_id, null, d.day, sum(invited), sum(opened), sum(clicked), sum(platform_chosen), sum(nps_submitted), sum(nps_sum),
    sum(promoters), sum(detractors), sum(reviewed), sum(rated), sum(rating_sum)
  from delta d join account a on a.id = d.account_id where a.agency_id is not null group by a.agency_id, d.day
), counted as (
  insert into funnel_day as f (account_id, day, location_id, invited, delivered, opened, clicked, platform_chosen, nps_submitted,
    nps_sum, promoters, detractors, reviewed, rated, rating_sum)
  -- Always in the same order, to prevent deadlocks.
  select account_id, day, location_id, invited, invited, opened, clicked, platform_chosen, nps_submitted, nps_sum, promoters,
    detractors, reviewed, rated, rating_sum
  from places order by account_id, day, location_id
  on conflict (account_id, day, location_id) do update set
    invited = f.invited + excluded.invited, delivered = f.delivered + excluded.delivered, opened = f.opened + excluded.opened,
    clicked = f.clicked + excluded.clicked, platform_chosen = f.platform_chosen + excluded.platform_chosen,
    nps_submitted = f.nps_submitted + excluded.nps_submitted, nps_sum = f.nps_sum + excluded.nps_sum,
    promoters = f.promoters + excluded.promoters, detractors = f.detractors + excluded.detractors,
    reviewed = f.reviewed + excluded.reviewed, rated = f.rated + excluded.rated, rating_sum = f.rating_sum + excluded.rating_sum
)
update agency_client c set
  nps_submitted = c.nps_submitted + d.nps_submitted, promoters = c.promoters + d.promoters, detractors = c.detractors + d.detractors,
  rated = c.rated + d.rated, rating_sum = c.rating_sum + d.rating_sum
from (
  select account_id, sum(nps_submitted) as nps_submitted, sum(promoters) as promoters, sum(detractors) as detractors,
    sum(rated) as rated, sum(rating_sum) as rating_sum
  from delta group by account_id
) d
where c.account_id = d.account_id and (d.nps_submitted, d.promoters, d.detractors, d.rated, d.rating_sum) <> (0, 0, 0, 0, 0)
