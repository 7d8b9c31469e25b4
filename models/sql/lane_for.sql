-- Finds or creates the lane of a location and channel, and of an import if given ($1 location, $2 channel, $3 import or null, $4 now).
with made as (
  insert into lane (account_id, location_id, channel, bulk_import_id, rate, burst, tokens, refilled_at, flag, flagged_at)
  select l.account_id, l.id, $2, $3, 500, 500, 500, $4::timestamptz,
    f.flag, case when f.flag is not null then $4::timestamptz end
  from location l cross join lateral (
    select public.plaudit_lane_flag($2, l.held_by, l.sender_complete, (select state from bulk_import where id = $3)) as flag
  ) f
  where l.id = $1
  on conflict (location_id, channel, coalesce(bulk_import_id, '00000000-0000-0000-0000-000000000000'))
  do update set refilled_at = lane.refilled_at
  returning id
)
select id from made
