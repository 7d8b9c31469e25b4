-- Adds to a location's bounces and complaints of a day, and counts those of the last days, except of days before a person released
-- the location ($1 account, $2 location, $3 day, $4 first day, $5 bounces, $6 complaints).
with today as (
  insert into bounce_day (account_id, location_id, day, bounced, complained) values ($1, $2, $3, $5, $6)
  on conflict (location_id, day)
  do update set bounced = bounce_day.bounced + excluded.bounced, complained = bounce_day.complained + excluded.complained
  returning bounced, complained
), since as (
  select greatest($4::date, l.counted_from) as day from location l where l.id = $2
)
select (select bounced from today) + coalesce(sum(b.bounced), 0)::int as bounced,
  (select complained from today) + coalesce(sum(b.complained), 0)::int as complained,
  (select coalesce(sum(f.invited), 0)::int from funnel_day f, since
   where f.account_id = $1 and f.location_id = $2 and f.day >= since.day) as sent
from since left join bounce_day b on b.location_id = $2 and b.day >= since.day and b.day < $3
