-- Which customers may have written this review, by which evidence ($1 account, $2 location, $3 invitation, $4 e-mail, $5 phone,
-- $6 name, $7 reviewed on, $8 how long after an invitation)? A name without letters or digits matches nobody.
select 'INVITATION' as method, i.customer_id from invitation i where i.id = $3 and i.account_id = $1 and i.location_id = $2
union all
select 'EMAIL', c.id from customer c where c.account_id = $1 and c.location_id = $2 and c.email = $4
union all
select 'PHONE', c.id from customer c where c.account_id = $1 and c.location_id = $2 and c.phone = $5
union all
select 'NAME_AND_TIME', c.id from customer c
cross join lateral (
  select btrim(regexp_replace(concat_ws(' ', c.first_name_key, c.last_name_key), '\s+', ' ', 'g')) as theirs,
    btrim(regexp_replace(public.plaudit_fold($6), '\s+', ' ', 'g')) as shown
) name
where c.account_id = $1 and c.location_id = $2
  and c.invited_on between $7::timestamptz - $8::interval and $7::timestamptz
  and name.theirs = name.shown and name.shown <> ''
  and exists (select 1 from invitation i where i.customer_id = c.id and i.first_sent_at is not null)
