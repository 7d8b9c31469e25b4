"""Reads which members can sign in with an e-mail address, or with a subject of a sign-in provider."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from models.connection import Db, fetch

MOST = 10


@dataclass(frozen=True, slots=True)
class SignInMember:
    """A user with a membership, the names of their first accounts, and the language of the first of these."""

    user_id: UUID
    name: str
    accounts: str
    language: str


_BY_EMAIL = """
-- Which members have this address ($1), without those of an issuer ($2) who sign in there? At most so many ($3).
select u.id as user_id, u.name, array_to_string((array_agg(a.name order by m.created_at, m.id))[1:3], ', ') as accounts,
  (array_agg(a.language order by m.created_at, m.id))[1] as language
from app_user u join membership m on m.user_id = u.id join account a on a.id = m.account_id
where u.email = $1 and u.issuer is distinct from $2 group by u.id order by min(m.created_at), u.id limit $3
"""


async def of_address(db: Db, email: str, except_issuer: str | None) -> Sequence[SignInMember]:
    """`email` as members' addresses are stored."""
    return [SignInMember(**row) for row in await fetch(db, _BY_EMAIL, email, except_issuer, MOST)]


_BY_SUBJECT = """
-- Which member has this issuer ($1) and subject ($2)?
select u.id from app_user u where u.issuer = $1 and u.subject = $2 and exists (select from membership m where m.user_id = u.id)
"""


async def of_subject(db: Db, issuer: str, subject: str) -> UUID | None:
    rows = await fetch(db, _BY_SUBJECT, issuer, subject)
    return rows[0]["id"] if rows else None


_LOCAL = """
-- Which members with this address ($1) have no sign-in provider of their own ($2 the issuer of our tokens)?
select u.id from app_user u where u.email = $1 and u.issuer = $2 and exists (select from membership m where m.user_id = u.id)
"""


async def local_of_address(db: Db, email: str, issuer: str) -> Sequence[UUID]:
    return [row["id"] for row in await fetch(db, _LOCAL, email, issuer)]
