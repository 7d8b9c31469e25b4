"""Empties the database of a test worker."""

from models.connection import WORK, execute, pool


async def empty() -> None:
    """Removes all accounts and users, with everything that belongs to them."""
    await execute(pool(WORK), "truncate account, app_user cascade")
