-- To which invitation of a customer does a review belong ($1 customer, $2 reviewed on)? The latest one that had been sent by then,
-- else the latest one.
select id from invitation where customer_id = $1
order by (first_sent_at is not null and first_sent_at <= $2) desc, taken_in_at desc, id desc limit 1
