"""`plaudit token`: a token for a member."""

import sys
from datetime import timedelta

import models
from models.reads.operation import Reads
from permissions.scope import find_viewer, seat_in
from plaudit.auth import issue
from plaudit.readiness import acting
from plaudit.settings import load


async def token(member: str, account: str, *, hours: float = 24) -> None:
    """Print a token for a member, signed with PLAUDIT_JWT_SECRET.

    Parameters
    ----------
    member
        The member's e-mail address, or the subject of their tokens.
    account
        The key of the account that the token acts for: the member's own, or a client of their agency.
    hours
        How long it is valid.
    """
    settings = load()
    if not 0 < hours <= 24 * 366:
        sys.exit("--hours is a number of hours from now, a year at most.")
    async with acting(settings):
        of, user = await _found(member, account)
    lifetime = timedelta(hours=hours)
    print(
        issue(
            settings.jwt_secret[0],
            user.subject,
            issuer=user.issuer,
            account=of.id,
            lifetime=lifetime,
            claim=settings.account_claim,
            audience=settings.jwt_audience,
        )
    )


async def _found(member: str, account: str) -> tuple[models.Account, models.User]:
    of = await models.Account.get_or_none(key=account)
    if of is None:
        sys.exit(f"There is no account {account}; `plaudit apply` makes accounts.")
    users = await _who_work_in(of)
    named = [user for user in users if member in (user.email, user.subject)]
    if len(named) != 1:
        known = ", ".join(sorted(user.subject for user in users)) or "nobody"
        several = "Several members are" if named else "No member is"
        sys.exit(f"{several} called {member} in {account}; name one by the subject. Members are: {known}.")
    return of, named[0]


async def _who_work_in(of: models.Account) -> list[models.User]:
    """Own members, and those of the account's agency for whom it exists."""
    members = models.Membership.filter(account_id__in=[of.id, *filter(None, [of.agency_id])])
    users = {row.user.id: row.user for row in await members.prefetch_related("user")}
    found = []
    for user in users.values():
        viewer = await find_viewer(Reads(), user.issuer, user.subject, None)
        if viewer and await seat_in(Reads(), viewer, of.id):
            found.append(user)
    return found
