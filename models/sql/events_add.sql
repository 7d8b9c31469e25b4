-- Adds events to timelines (fourteen arrays with one element per event), and notifies subscribers ($15 channel, $16 payloads).
with added as (
  insert into activity_event (account_id, location_id, customer_id, invitation_id, message_id, platform_id, kind, occurred_at,
    channel, nps_score, feedback, actor, actor_kind, reason)
  select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::uuid[], $7::text[], $8::timestamptz[],
    $9::text[], $10::smallint[], $11::text[], $12::text[], $13::text[], $14::text[])
)
select pg_notify($15, told) from unnest($16::text[]) as told
