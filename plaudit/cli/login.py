"""`plaudit login`: prints an address with which a member signs in to the console once."""

import sys

from delivery.sign_in_links import SignInLinks
from models.clock import clock
from models.commands import sign_in_links
from models.commands.sign_in_links import LIFETIME, NewLink
from models.connection import WORK, pool
from plaudit.cli.members import member_anywhere, member_of
from plaudit.readiness import ready_database
from plaudit.settings import load


async def login(member: str, account: str | None = None) -> None:
    """Print an address with which a member signs in to the console. It works once, within 15 minutes, in any browser.

    Parameters
    ----------
    member
        The member's e-mail address, or the subject of their tokens.
    account
        The key of the account that they see first: the member's own, or a client of their agency. By default, that of their
        first membership.
    """
    settings = load()
    links = SignInLinks(settings.base_url, settings.secret)
    async with ready_database(settings):
        token = await _link(links, member, account)
    print(links.address(token))
    print(f"It works once, within {int(LIFETIME.total_seconds() // 60)} minutes.", file=sys.stderr)


async def _link(links: SignInLinks, member: str, key: str | None) -> str:
    token = links.new_token()
    if key is None:
        user, account_id = await member_anywhere(member), None
    else:
        account, user = await member_of(member, key)
        account_id = account.id
    await sign_in_links.create(pool(WORK), NewLink(links.token_hash(token), user.id, account_id), clock.now())
    return token
