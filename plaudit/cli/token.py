"""`plaudit token`: prints a token for a member."""

import sys
from datetime import timedelta

from plaudit.auth import issue
from plaudit.cli.members import member_of
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
        acting_for, user = await member_of(member, account)
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
