"""Links with which members sign in: each works once, for a short time. Tokens are known here only by their hash."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from models.connection import Db, execute, fetch, fetch_one

LIFETIME = timedelta(minutes=15)
KEPT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class NewLink:
    """A link for a user, who then acts for the account if there is one. With `browser_hash`, it works only in the browser that
    has this secret."""

    token_hash: bytes
    user_id: UUID
    account_id: UUID | None = None
    browser_hash: bytes | None = None


@dataclass(frozen=True, slots=True)
class UsedLink:
    """Who signs in, and the account for which they then act."""

    user_id: UUID
    account_id: UUID | None


class Unusable(StrEnum):
    """Why a link does not work. OVER: it is unknown, used or expired."""

    OVER = "OVER"
    OTHER_BROWSER = "OTHER_BROWSER"


async def create(db: Db, link: NewLink, now: datetime) -> None:
    await execute(
        db,
        "insert into sign_in_link (token_hash, user_id, account_id, browser_hash, created_at, expires_at) "
        "values ($1, $2, $3, $4, $5, $6)",
        link.token_hash,
        link.user_id,
        link.account_id,
        link.browser_hash,
        now,
        now + LIFETIME,
    )


_USE = """
-- Uses a link ($1 possible hashes of its token, $2 of the browser's secret, $3 now): exactly one of several attempts gets a row.
update sign_in_link set used_at = $3
where token_hash = any($1::bytea[]) and used_at is null and expires_at > $3
  and (browser_hash is null or browser_hash = any($2::bytea[]))
returning user_id, account_id
"""

_WAITS = """
-- Would the link ($1 possible hashes of its token, $2 now) work in another browser?
select from sign_in_link where token_hash = any($1::bytea[]) and used_at is null and expires_at > $2
"""


async def use(db: Db, tokens: Sequence[bytes], browsers: Sequence[bytes], now: datetime) -> UsedLink | Unusable:
    """`tokens` and `browsers` are hashes under every secret. An attempt in another browser leaves the link as it is."""
    row = await fetch_one(db, _USE, tokens, browsers, now)
    if row is not None:
        return UsedLink(row["user_id"], row["account_id"])
    return Unusable.OTHER_BROWSER if await fetch(db, _WAITS, tokens, now) else Unusable.OVER


async def prune(db: Db, now: datetime) -> None:
    await execute(db, "delete from sign_in_link where expires_at < $1", now - KEPT)
