"""The privileges of the gateway's roles, table by table."""

import asyncpg

GATEWAY_ROLE, ROW_SECURITY_ROLE = "plaudit_gateway", "plaudit_gateway_walled"
"""Roles that act for viewers; row-level security limits the second one to the accounts listed in the transaction."""
ROLES = (GATEWAY_ROLE, ROW_SECURITY_ROLE)

SCHEMAS = ("public", "jobs")
TABLES: dict[str, str] = {
    "account": "select, update (created_at)",  # needed to lock rows; no statement updates it
    "account_usage": "select, insert, update",
    "account_day": "select, insert, update",
    "activity_event": "select, insert",
    "agency_client": "select, update",
    "app_user": "select",
    "boost": "select",
    "bounce_day": "select, insert, update",
    "bulk_import": "select, insert, update (sent_messages, seq, state, starts, failures, fence, started_at, finished_at, dry_run, "
    "channels, per_hour, spread_over_days, parsed_rows, judged_rows, invited_rows, skipped_rows, invalid_rows, next_due_at, "
    "last_due_at, changing_since, changed_to, warnings)",
    "customer": "select, insert, update",
    "event_verdict": "select",
    "funnel_day": "select, insert, update",
    "funnel_mark": "select, insert, update",
    "idempotency_key": "select, insert, update (answer), delete",
    "import_row_error": "select",
    "invitation": "select, insert, update (state, state_reason, state_changed_at, reserved_cycle, answer_until, first_sent_at, "
    "invited_on)",
    "lane": "select, insert, update (next_due, refilled_at, tokens, refusals, flag, flagged_at, quiet_since, reply)",
    "lifted_suppression": "insert",
    "location": "select, update (held_by, counted_from)",
    "location_usage": "select, insert, update",
    "membership": "select",
    "membership_client": "select",
    "membership_location": "select",
    "message": "select, insert, update (state, due_at, remaining, deferred_since, lease_until, worker, reply, sent_at, "
    "attempts)",
    "review": "select, insert, update",
    "review_platform": "select",
    "sequence_step": "select",
    "suppression": "select, insert, update, delete",
    "template": "select",
    "test_message": "select, insert",
    "upload": "select, update (keep_until)",
    "worker_heartbeat": "select",
    "jobs.pgqueuer": "select, insert",
    "jobs.pgqueuer_log": "insert",
}
"""The gateway has no privileges on other tables: files, rows of imports, the job engine's other tables."""
SEQUENCES = ("jobs.pgqueuer_id_seq", "jobs.pgqueuer_log_id_seq")

_OURS = """
-- Which tables and sequences of these schemas can the current user grant privileges on?
select format('%I.%I', n.nspname, c.relname) as name, c.relkind = 'S' as sequence
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname = any($1::text[]) and c.relkind in ('r', 'p', 'v', 'm', 'S') and pg_has_role(c.relowner, 'usage')
"""


async def regrant(connection: asyncpg.Connection) -> None:
    """Grants exactly the privileges listed here, and revokes all others."""
    roles = ", ".join(ROLES)
    found = await connection.fetch(_OURS, list(SCHEMAS))
    revoked = [
        f"revoke all on {'sequence' if row['sequence'] else 'table'} {row['name']} from {roles}" for row in found
    ]
    granted = [f"grant {verbs} on table {table} to {roles}" for table, verbs in TABLES.items()]
    sequences = [f"grant usage on sequence {name} to {roles}" for name in SEQUENCES]
    schemas = [
        f"revoke all on schema {', '.join(SCHEMAS)} from {roles}",
        f"grant usage on schema {', '.join(SCHEMAS)} to {roles}",
        f"revoke all on all functions in schema jobs from {roles}",
    ]
    async with connection.transaction():
        await connection.execute(";\n".join([*revoked, *schemas, *granted, *sequences]))
