"""Empties the database of a test worker."""

from models.connection import WORK, execute, pool

# Truncating needs the tables for itself, and a statement of an earlier test whose client went away may still run.
_END_STRAYS = """
select pg_terminate_backend(pid) from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid() and state = 'active' and xact_start < now() - interval '1 second'
"""


async def empty() -> None:
    """Removes all accounts and users, with everything that belongs to them."""
    await execute(pool(WORK), _END_STRAYS)
    await execute(pool(WORK), "truncate account, app_user cascade")
