-- Marks messages that the relay accepted after the backup was taken as UNKNOWN, so that they are not sent again.
-- Run it before starting a worker: psql --variable=list=ids.txt --file=after-restore.sql plaudit
-- ids.txt has one Message-ID of the relay's log per line, without < and >, and without the @ and what follows it.
\set ON_ERROR_STOP on
begin;
create temporary table taken (id uuid) on commit drop;
\set copy '\\copy taken from ' :'list'
:copy
-- Workers then treat these as if a worker had crashed while sending them.
update message set state = 'SENDING', lease_until = now() - interval '1 minute'
from taken where message.id = taken.id and message.state in ('SCHEDULED', 'CLAIMED', 'DEFERRED');
commit;
