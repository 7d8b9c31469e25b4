"""The accounts and locations that exist for a viewer: what is read here is where every other read starts."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg

from models.reads.account_columns import ACCOUNT_COLUMNS
from models.reads.operation import Reads
from models.rules.enums import AccountKind, Role
from models.rules.scope import Scope
from permissions.viewer import AgencyPost, Seat, Via, Viewer, account_of

_VIEWER = f"""
select u.id as user_id, u.name as user_name, u.email,
  m.id as membership_id, m.role, m.all_locations, m.all_clients, {ACCOUNT_COLUMNS},
  coalesce((select array_agg(ml.location_id) from membership_location ml
            where ml.membership_id = m.id), '{{}}') as locations
from app_user u left join membership m on m.user_id = u.id left join account a on a.id = m.account_id
where u.issuer = $1 and u.subject = $2 order by m.created_at, m.id
"""

_CLIENT = f"""
select {ACCOUNT_COLUMNS}, coalesce((select array_agg(mc.membership_id) from membership_client mc
  where mc.account_id = a.id and mc.membership_id = any($3::uuid[])), '{{}}') as assigned
from account a where a.id = $1 and a.agency_id = any($2::uuid[])
"""


async def find_viewer(reads: Reads, issuer: str, subject: str, acting: UUID | None) -> Viewer | None:
    """The user of a token with all own memberships, in one statement; None for nobody."""
    rows = await reads.identity(_VIEWER, issuer, subject)
    if not rows:
        return None
    seats = [_own_seat(row) for row in rows if row["membership_id"]]
    return Viewer(
        id=rows[0]["user_id"],
        name=rows[0]["user_name"],
        email=rows[0]["email"],
        seats=tuple(seats),
        posts=tuple(_post(row) for row in rows if row["membership_id"] and row["kind"] == AccountKind.AGENCY),
        acting=acting,
        own={seat.account.id: seat for seat in seats},
    )


def _own_seat(row: asyncpg.Record) -> Seat:
    scope = Scope(row["account_id"], row["all_locations"], tuple(row["locations"]))
    return Seat(account_of(row), Role(row["role"]), Via.OWN, scope)


def _post(row: asyncpg.Record) -> AgencyPost:
    return AgencyPost(row["membership_id"], row["account_id"], Role(row["role"]), row["all_clients"])


async def seat_in(reads: Reads, viewer: Viewer, account_id: UUID) -> Seat | None:
    """By an own membership, else through the agency; None where the account does not exist for the viewer."""
    if account_id in viewer.own:
        return viewer.own[account_id]
    if not viewer.posts:
        return None
    agencies = [post.agency_id for post in viewer.posts]
    rows = await reads.identity(_CLIENT, account_id, agencies, [post.membership_id for post in viewer.posts])
    if not rows:
        return None
    row = rows[0]
    post = next(post for post in viewer.posts if post.agency_id == row["agency_id"])
    if not post.sees_all and post.membership_id not in row["assigned"]:
        return None
    return client_seat(viewer, post, row)


def client_seat(viewer: Viewer, post: AgencyPost, row: asyncpg.Record) -> Seat:
    """The seat in a client that exists for this post; an own membership stands before it."""
    whole = Scope(row["account_id"], all_locations=True, location_ids=())
    return viewer.own.get(row["account_id"]) or Seat(account_of(row), post.role_in_clients, Via.AGENCY, whole)


async def owners(reads: Reads, table: str, keys: Sequence[UUID]) -> set[UUID]:
    """The accounts that these rows belong to; nothing else of them is told."""
    text = f"select distinct account_id from {table} where id = any($1::uuid[])"
    return {row["account_id"] for row in await reads.identity(text, list(keys))}


async def assigned(reads: Reads, post: AgencyPost) -> list[UUID]:
    """The clients that a post is for, where it is not for all."""
    text = "select account_id from membership_client where membership_id = $1"
    return [row["account_id"] for row in await reads.identity(text, post.membership_id)]
