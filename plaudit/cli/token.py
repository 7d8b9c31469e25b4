"""`plaudit token`: prints a token for a member."""

import sys
from datetime import timedelta

import models
from models.reads.operation import Reads
from models.rules.email import normalize_email
from models.rules.errors import InvalidEmail
from permissions.scope import find_viewer, seat_in
from plaudit.auth import issue
from plaudit.readiness import ready_database
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
        How long the token is valid.
    """
    settings = load()
    if not 0 < hours <= 24 * 366:
        sys.exit("--hours must be more than 0 and at most 8784 (366 days).")
    async with ready_database(settings):
        acting_for, user = await _find(member, account)
    lifetime = timedelta(hours=hours)
    print(
        issue(
            settings.jwt_secret[0],
            user.subject,
            issuer=user.issuer,
            account=acting_for.id,
            lifetime=lifetime,
            claim=settings.account_claim,
            audience=settings.jwt_audience,
        )
    )


async def _find(member: str, key: str) -> tuple[models.Account, models.User]:
    account = await models.Account.get_or_none(key=key)
    if account is None:
        sys.exit(f"There is no account {key}; create it with `plaudit apply`.")
    users = await _users_of(account)
    matches = [user for user in users if user.subject == member or user.email == _stored(member)]
    if len(matches) != 1:
        known = ", ".join(sorted(user.subject for user in users)) or "none"
        number = "Several members match" if matches else "No member matches"
        sys.exit(f"{number} {member} in {key}; use a member's subject. Members: {known}.")
    return account, matches[0]


def _stored(address: str) -> str:
    """As members' addresses are stored, if it is one."""
    try:
        return normalize_email(address)
    except InvalidEmail:
        return address


async def _users_of(account: models.Account) -> list[models.User]:
    """The account's members, and those of its agency who have access to it."""
    members = models.Membership.filter(account_id__in=[account.id, *filter(None, [account.agency_id])])
    users = {row.user.id: row.user for row in await members.prefetch_related("user")}
    with_access = []
    for user in users.values():
        viewer = await find_viewer(Reads(), user.issuer, user.subject, None)
        if viewer and await seat_in(Reads(), viewer, account.id):
            with_access.append(user)
    return with_access
