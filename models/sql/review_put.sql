-- Stores a review, or what has changed of it since ($1 account, $2 location, $3 platform, $4 external id, $5 customer,
-- $6 matched by, $7 reviewer, $8 reviewed on, $9 rating, $10 text, $11 sentiment, $12 reply address, $13 now).
insert into review (account_id, location_id, platform_id, external_id, customer_id, matched_by, reviewer_name, reviewed_on,
  rating, text, sentiment, reply_url, created_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
on conflict (platform_id, external_id) do update set
  customer_id = excluded.customer_id, matched_by = excluded.matched_by, reviewer_name = excluded.reviewer_name,
  reviewed_on = excluded.reviewed_on, rating = excluded.rating, text = excluded.text, sentiment = excluded.sentiment,
  reply_url = excluded.reply_url
returning id
