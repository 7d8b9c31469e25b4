-- Lanes that nobody served for a day, and in which nothing is overdue any more, are served from now on ($1 now).
update lane set next_due = $1::timestamptz
where next_due <= $1::timestamptz - interval '24 hours' and flag is null
