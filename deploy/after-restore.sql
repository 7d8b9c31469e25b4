-- After restoring a backup: marks messages that the relay already took as UNKNOWN, so that they are not sent again.
-- Before any worker starts: psql --variable=list=ids.txt --file=after-restore.sql plaudit
-- ids.txt has one Message-ID per line as in the relay's log, without < and > and what follows @.
\set ON_ERROR_STOP on
begin;
create temporary table taken (id uuid) on commit drop;
\set copy '\\copy taken from ' :'list'
:copy
-- A worker finds these as if another one had died while sending them.
update message set state = 'SENDING', lease_until = now() - interval '1 minute'
from taken where message.id = taken.id and message.state in ('SCHEDULED', 'CLAIMED', 'DEFERRED');
commit;
