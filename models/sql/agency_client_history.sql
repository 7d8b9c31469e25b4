-- Adds an account's history from before it became a client to the days of its agency ($1 account).
insert into funnel_day as f (account_id, day, location_id, invited, delivered, opened, clicked, platform_chosen, nps_submitted,
  nps_sum, promoters, detractors, reviewed, rated, rating_sum)
select a.agency_id, d.day, null, sum(d.invited), sum(d.delivered), sum(d.opened), sum(d.clicked), sum(d.platform_chosen),
  sum(d.nps_submitted), sum(d.nps_sum), sum(d.promoters), sum(d.detractors), sum(d.reviewed), sum(d.rated), sum(d.rating_sum)
from funnel_day d join account a on a.id = d.account_id
where d.account_id = $1 and d.location_id is not null group by a.agency_id, d.day order by d.day
on conflict (account_id, day, location_id) do update set
  invited = f.invited + excluded.invited, delivered = f.delivered + excluded.delivered, opened = f.opened + excluded.opened,
  clicked = f.clicked + excluded.clicked, platform_chosen = f.platform_chosen + excluded.platform_chosen,
  nps_submitted = f.nps_submitted + excluded.nps_submitted, nps_sum = f.nps_sum + excluded.nps_sum,
  promoters = f.promoters + excluded.promoters, detractors = f.detractors + excluded.detractors,
  reviewed = f.reviewed + excluded.reviewed, rated = f.rated + excluded.rated, rating_sum = f.rating_sum + excluded.rating_sum
