"""`plaudit migrate`: the database's tables, from nothing or from an older version."""

from plaudit import readiness, roles
from plaudit.settings import load


async def migrate(*, print_roles: bool = False) -> None:
    """Bring the database of PLAUDIT_DATABASE_URL up to date; safe to run from several machines at once.

    Parameters
    ----------
    print_roles
        Print what an administrator runs in psql once, so that the login needs no rights beyond its own database;
        connects to nothing.
    """
    settings = load()
    if print_roles:
        print(roles.script(settings.direct_url), end="")
        return
    await readiness.migrate(settings)
    print("The database is up to date.")
