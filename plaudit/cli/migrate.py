"""`plaudit migrate`: creates or updates the database's tables."""

from plaudit import readiness, roles
from plaudit.settings import load


async def migrate(*, print_roles: bool = False) -> None:
    """Migrate the database of PLAUDIT_DATABASE_URL to this version. Safe to run several times at once.

    Parameters
    ----------
    print_roles
        Print a script for an administrator to run once in psql, so that the login needs no rights outside its own database.
        Does not connect to the database.
    """
    settings = load()
    if print_roles:
        print(roles.script(settings.direct_url), end="")
        return
    await readiness.migrate(settings)
    print("The database is up to date.")
