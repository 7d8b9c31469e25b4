"""A second lock: for the role that is walled in, rows exist only for the accounts that its transaction names."""

from tortoise import migrations
from tortoise.migrations import operations as ops

OPEN, WALLED = "plaudit_gateway", "plaudit_gateway_walled"

# Once a statement, not once a row: the array is worked out by a sub-select of its own. Nothing set: no account.
NAMED = "any((select string_to_array(current_setting('plaudit.accounts', true), ','))::uuid[])"

# What of a table belongs to an account; elsewhere it is account_id.
BELONGS = {
    "account": f"id = {NAMED} or agency_id = {NAMED}",
    "agency_client": f"account_id = {NAMED} or agency_id = {NAMED}",
    "membership_client": f"account_id = {NAMED} or exists (select 1 from membership m where m.id = membership_id)",
    "membership_location": "exists (select 1 from membership m where m.id = membership_id)",
    "upload_piece": "exists (select 1 from upload u where u.id = upload_id)",
}
TABLES = [
    *BELONGS, "account_usage", "activity_event", "boost", "bulk_import", "customer", "funnel_day", "funnel_mark",
    "idempotency_key", "import_row", "import_row_error", "invitation", "lane", "location", "location_usage", "membership",
    "message", "review", "review_platform", "sequence_step", "suppression", "template", "upload",
]  # fmt: skip


def lock(table: str) -> str:
    """The open role's policy is a constant, which the planner leaves out; so that it costs nothing."""
    belongs = BELONGS.get(table, f"account_id = {NAMED}")
    return f"""
    alter table {table} enable row level security;
    create policy open on {table} to {OPEN} using (true) with check (true);
    create policy walled on {table} to {WALLED} using ({belongs}) with check ({belongs});
    """


class Migration(migrations.Migration):
    dependencies = [("models", "0003_funnel_and_agency_clients")]

    operations = [ops.RunSQL("".join(lock(table) for table in TABLES), reverse_sql=ops.RunSQL.noop)]
