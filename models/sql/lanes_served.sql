-- Resumes lanes that were not served for a day, once none of their messages is overdue ($1 now).
update lane set next_due = $1::timestamptz
where next_due <= $1::timestamptz - interval '24 hours' and flag is null
