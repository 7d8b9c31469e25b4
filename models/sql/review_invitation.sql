-- Which invitation of a customer does a review belong to ($1 customer, $2 reviewed on)? The latest one sent before it,
-- else the latest one.
select id from invitation where customer_id = $1
order by (first_sent_at is not null and first_sent_at <= $2) desc, taken_in_at desc, id desc limit 1
