-- Creates or updates a review ($1 account, $2 location, $3 platform, $4 external id, $5 customer,
-- $6 invitation that it counts for, $7 matched by, $8 reviewer, $9 reviewed on, $10 rating, $11 text, $12 sentiment,
-- $13 reply URL, $14 now).
insert into review (account_id, location_id, platform_id, external_id, customer_id, invitation_id, matched_by, reviewer_name,
  reviewed_on, rating, text, sentiment, reply_url, created_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
on conflict (platform_id, external_id) do update set
  customer_id = excluded.customer_id, invitation_id = excluded.invitation_id, matched_by = excluded.matched_by,
  reviewer_name = excluded.reviewer_name, reviewed_on = excluded.reviewed_on, rating = excluded.rating, text = excluded.text,
  sentiment = excluded.sentiment, reply_url = excluded.reply_url
returning id
