"""The search folds case fully, drops marks by their class, and knows internationalized domains as people write them."""

from tortoise import migrations
from tortoise.migrations import operations as ops

# What does not change which letter it is (canonical combining classes 1, 10 to 36 and 200 to 240, enclosing marks, the tatweel):
# accents, Hebrew points, Arabic vowel signs. Voicing marks, nuktas, viramas and vowel signs stay: they make other letters.
MARKS = (
    r"\u0300-\u036f\u0483-\u0489\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed\u0711\u0730-\u074a\u07eb-\u07f3"
    r"\u0816-\u082d\u0859-\u085b\u0898-\u089f\u08ca-\u08ff\u0951-\u0954\u135d-\u135f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff"
    r"\u2cef-\u2cf1\u2de0-\u2dff\u302a-\u302f\ua66f-\ua67d\ua69e-\ua69f\ua8e0-\ua8f1\ufb1e\ufe20-\ufe2f"
)

# Lower case, without accents and punctuation: what a search compares. Letters and digits of every script stay. What is ASCII,
# which is most of it, takes a short way. unaccent takes apart what NFKD does not (ß, ø, æ, ı), and the iota below is a letter.
FOLD = rf"""
create or replace function public.plaudit_fold(t text) returns text language sql immutable strict parallel safe as $f$
  select regexp_replace(
    case when octet_length(t) = char_length(t) then lower(t) else
      translate(lower(public.unaccent('public.unaccent'::regdictionary, lower(normalize(
        regexp_replace(translate(normalize(t, NFKD), 'ͅ', 'ι'), '[{MARKS}]+', '', 'g'), NFKC)))), 'ςıᲀᲁᲂᲃᲄᲅᲆᲇᲈ', 'σiвдосттъѣꙋ')
    end, '[^[:alnum:]\s]+', '', 'g')
$f$;
"""

# RFC 3492, 6.2. The labels of a domain have at most 63 characters.
PUNYCODE = """
create function public.plaudit_punycode(label text) returns text language plpgsql immutable strict parallel safe as $f$
declare
  basic text := coalesce(substring(label from '^(.*)-'), '');
  rest text := substring(label from '[^-]*$');
  letters int[] := array(select ascii(letter) from unnest(string_to_array(basic, null)) letter);
  n bigint := 128; i bigint := 0; bias bigint := 72;
  at int := 1; before bigint; weight bigint; k bigint; digit int; threshold bigint; delta bigint; size int;
begin
  while at <= length(rest) loop
    before := i; weight := 1; k := 36;
    loop
      digit := position(substr(rest, at, 1) in 'abcdefghijklmnopqrstuvwxyz0123456789') - 1;
      if at > length(rest) or digit < 0 or weight > 1e8 then return null; end if;
      at := at + 1;
      i := i + digit * weight;
      threshold := greatest(1, least(26, k - bias));
      exit when digit < threshold;
      weight := weight * (36 - threshold); k := k + 36;
    end loop;
    size := cardinality(letters) + 1;
    delta := (i - before) / case when before = 0 then 700 else 2 end;
    delta := delta + delta / size; k := 0;
    while delta > 455 loop delta := delta / 35; k := k + 36; end loop;
    bias := k + 36 * delta / (delta + 38);
    n := n + i / size; i := i % size;
    if n > 1114111 or n between 55296 and 57343 then return null; end if;
    letters := letters[:i] || n::int || letters[i + 1:];
    i := i + 1;
  end loop;
  return (select string_agg(chr(letter), '' order by place) from unnest(letters) with ordinality as l (letter, place));
end $f$;
"""

# With the domain as people write it; nothing where that is how it is stored.
SHOWN = """
create function public.plaudit_email_shown(email text) returns text language sql immutable strict parallel safe as $f$
  select case when email like '%@%xn--%' then split_part(email, '@', 1) || '@' || (
    select string_agg(case when label like 'xn--%' then coalesce(public.plaudit_punycode(substr(label, 5)), label) else label end,
      '.' order by place)
    from unnest(string_to_array(split_part(email, '@', 2), '.')) with ordinality as l (label, place)) end
$f$;
"""

# Made anew, so that the rows that are there get their values by the new function; the indexes go with the columns.
COLUMNS = """
alter table customer
  drop column search,
  drop column first_name_key,
  drop column last_name_key,
  add column search text not null generated always as (
    public.plaudit_fold(coalesce(first_name, '') || ' ' || coalesce(last_name, '') || ' ' || coalesce(email, '') || ' ' ||
      coalesce(public.plaudit_email_shown(email), '') || ' ' || coalesce(phone, '') || ' ' || coalesce(phone_national, '') || ' ' ||
      coalesce(employee, '') || ' ' || coalesce(service, '') || ' ' || coalesce(import_name, ''))
  ) stored,
  add column first_name_key text generated always as (nullif(public.plaudit_fold(first_name), '')) stored,
  add column last_name_key text generated always as (nullif(public.plaudit_fold(last_name), '')) stored;
create index customer_first_name on customer (account_id, first_name_key, id);
create index customer_first_name_back on customer (account_id, first_name_key desc nulls last, id desc);
create index customer_last_name on customer (account_id, last_name_key, id);
create index customer_last_name_back on customer (account_id, last_name_key desc nulls last, id desc);
create index customer_search on customer using gin (account_id, search gin_trgm_ops);
update agency_client c set name_key = public.plaudit_fold(a.name) from account a
  where a.id = c.account_id and c.name_key <> public.plaudit_fold(a.name);
analyze customer;
"""


def once(sql: str) -> ops.RunSQL:
    return ops.RunSQL(sql, reverse_sql=ops.RunSQL.noop)


class Migration(migrations.Migration):
    dependencies = [("models", "0005_sender_complete")]

    operations = [once(FOLD), once(PUNYCODE), once(SHOWN), once(COLUMNS)]
