"""`plaudit migrate`: the database's tables, from nothing or from an older version."""

from plaudit import readiness
from plaudit.settings import load


async def migrate() -> None:
    """Bring the database of PLAUDIT_DATABASE_URL up to date; safe to run from several machines at once."""
    await readiness.migrate(load())
    print("The database is up to date.")
