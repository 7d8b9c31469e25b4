-- Finds a location's customer by e-mail or phone and fills in blanks, or creates the customer. A name is filled in only as a whole
-- ($1 account, $2 location, $3 first name, $4 last name, $5 e-mail, $6 phone, $7 phone in national format, $8 source, $9 now).
with found as (
  select id from (
    select id, 1 as rank from customer where account_id = $1 and location_id = $2 and email = $5
    union all
    select id, 2 from customer where account_id = $1 and location_id = $2 and email is null and phone = $6
  ) candidates order by rank limit 1
), filled as (
  update customer c set
    first_name = case when coalesce(c.first_name, c.last_name) is null then $3 else c.first_name end,
    last_name = case when coalesce(c.first_name, c.last_name) is null then $4 else c.last_name end,
    email = coalesce(c.email, $5),
    phone_national = case when c.phone is null then $7 else c.phone_national end, phone = coalesce(c.phone, $6)
  from found where c.id = found.id returning c.id
), made as (
  insert into customer (account_id, location_id, first_name, last_name, email, phone, phone_national, source, invited_on, created_at)
  select $1, $2, $3, $4, $5, $6, $7, $8, $9, $9 where not exists (select 1 from found)
  returning id
)
select id from filled union all select id from made
