"""A row of a list no longer notes its customer, nor whether its verdict has a reason elsewhere: the verdict itself does."""

from tortoise import migrations
from tortoise.migrations import operations as ops

COLUMNS = "alter table import_row drop column customer_id, drop column elsewhere;"


class Migration(migrations.Migration):
    dependencies = [("models", "0016_warnings_and_mailboxes")]

    operations = [ops.RunSQL(COLUMNS, reverse_sql=ops.RunSQL.noop)]
