"""Finds members for commands, as people name them: by e-mail address, or by the subject of their tokens."""

import sys

from tortoise.expressions import Q

import models
from models.reads.operation import Reads
from models.rules.email import normalize_email
from models.rules.errors import InvalidEmail
from permissions.scope import find_viewer, seat_in


async def member_of(member: str, key: str) -> tuple[models.Account, models.User]:
    """The account, and the only one of its members with this e-mail address or subject. Exits otherwise."""
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


async def member_anywhere(member: str) -> models.User:
    """The only member of any account with this e-mail address or subject. Exits otherwise."""
    named = models.User.filter(Q(subject=member) | Q(email=_stored(member)))
    found = [user for user in await named if await models.Membership.exists(user_id=user.id)]
    if len(found) != 1:
        number = "Several members match" if found else "No member matches"
        which = f"; use one of their subjects: {', '.join(sorted(user.subject for user in found))}" if found else ""
        sys.exit(f"{number} {member}{which}.")
    return found[0]


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
