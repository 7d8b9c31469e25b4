-- Creates an invitation and makes it its customer's latest
-- ($1 account, $2 location, $3 customer, $4 state, $5 channels, $6 now, $7 reserved cycle, $8 source, $9 employee, $10 service).
with added as (
  insert into invitation (account_id, location_id, customer_id, state, state_changed_at, channels, taken_in_at, invited_on,
    reserved_cycle, source, employee, service)
  values ($1, $2, $3, $4, $6, $5, $6, $6, $7, $8, $9, $10)
  returning id
), latest as (
  update customer set latest_invitation_id = (select id from added), invited_on = $6, source = $8, import_name = null,
    employee = $9, service = $10
  where id = $3
)
select id from added
