"""Refuses to change or remove an event, for whom the grants do not bind: the owner and superusers."""

from tortoise import migrations
from tortoise.migrations import operations as ops

# Depth 0: the statement itself names the table. Where a customer is removed, the foreign key takes the events along.
ONLY_ADDED = """
create function public.plaudit_refuse() returns trigger language plpgsql as $f$
begin
  raise exception 'rows of % are only ever added', tg_table_name using errcode = 'insufficient_privilege';
end $f$;
create trigger only_added before update or delete on activity_event
  for each statement when (pg_trigger_depth() = 0) execute function public.plaudit_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("models", "0006_search_folds_more")]

    operations = [ops.RunSQL(ONLY_ADDED, reverse_sql=ops.RunSQL.noop)]
