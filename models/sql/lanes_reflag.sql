-- Holds the e-mail lanes of a location whose sender is no longer complete ($1 location, $2 now).
update lane la set flag = 'SENDER_INCOMPLETE', flagged_at = $2::timestamptz from location l
where la.location_id = $1 and l.id = $1 and la.channel = 'EMAIL' and la.flag is null
  and not l.sender_complete
