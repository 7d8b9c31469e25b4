-- How far have the invitations come whose first message was sent in these days ($1 accounts, $2 locations or null for all,
-- $3 first day or null, $4 last day or null)? By account.
select account_id, sum(invited)::int as invited, sum(delivered)::int as delivered, sum(opened)::int as opened,
  sum(clicked)::int as clicked, sum(platform_chosen)::int as platform_chosen, sum(nps_submitted)::int as nps_submitted,
  sum(nps_sum)::int as nps_sum, sum(promoters)::int as promoters, sum(detractors)::int as detractors,
  sum(reviewed)::int as reviewed, sum(rated)::int as rated, sum(rating_sum) as rating_sum
from funnel_day
where account_id = any($1::uuid[]) and location_id is not null and ($2::uuid[] is null or location_id = any($2::uuid[]))
  and day between coalesce($3::date, '-infinity') and coalesce($4::date, 'infinity')
group by account_id
