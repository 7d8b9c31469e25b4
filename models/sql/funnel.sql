-- How many invitations, by account, reached each stage, of those first sent on these days ($1 accounts, $2 whether all of an account's
-- locations count, $3 the locations that count for other accounts, $4 first day or null, $5 last day or null)?
select d.account_id, sum(invited)::int as invited, sum(delivered)::int as delivered, sum(opened)::int as opened,
  sum(clicked)::int as clicked, sum(platform_chosen)::int as platform_chosen, sum(nps_submitted)::int as nps_submitted,
  sum(nps_sum)::int as nps_sum, sum(promoters)::int as promoters, sum(detractors)::int as detractors,
  sum(reviewed)::int as reviewed, sum(rated)::int as rated, sum(rating_sum) as rating_sum
from unnest($1::uuid[], $2::boolean[]) as s (account_id, all_locations)
join funnel_day d on d.account_id = s.account_id
where d.location_id is not null and (s.all_locations or d.location_id = any($3::uuid[]))
  and d.day between coalesce($4::date, '-infinity') and coalesce($5::date, 'infinity')
group by d.account_id
