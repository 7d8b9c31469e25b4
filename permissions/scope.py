"""The accounts and locations that a viewer has access to; every other read is limited to these."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

import asyncpg

from models.reads.account_rows import ACCOUNT_COLUMNS, AccountRow
from models.reads.operation import Ahead, Reads
from models.rules.enums import AccountKind, Role
from models.rules.scope import Scope
from permissions.viewer import AgencyMembership, Seat, Via, Viewer

_VIEWER = f"""
select u.id as user_id, u.name as user_name, u.email,
  m.id as membership_id, m.role, m.all_locations, m.all_clients, {ACCOUNT_COLUMNS},
  coalesce((select array_agg(ml.location_id::text order by ml.location_id) from membership_location ml
            where ml.membership_id = m.id), '{{}}') as locations
from app_user u left join membership m on m.user_id = u.id left join account a on a.id = m.account_id
where u.issuer = $1 and u.subject = $2 order by m.created_at, m.id
"""

_CLIENT = f"""
select {ACCOUNT_COLUMNS}, coalesce((select array_agg(mc.membership_id) from membership_client mc
  where mc.account_id = a.id and mc.membership_id = any($3::uuid[])), '{{}}') as assigned
from account a where a.id = $1 and a.agency_id = any($2::uuid[])
"""


async def find_viewer(
    reads: Reads,
    issuer: str,
    subject: str,
    acting_account: UUID | None,
    foresee: Callable[[Viewer], Sequence[Sequence[Ahead]]] | None = None,
) -> Viewer | None:
    """The user of a token with all of their memberships, in one statement; None if there is no such user. `foresee`: what is
    likely to be read next, in rounds, if nothing has changed for the viewer, so that the statement reads the first round too."""
    key = issuer, subject, acting_account
    known = _known.get(key)
    if known and foresee and not reads.row_security and (rounds := foresee(known[1])):
        rows = await reads.identity(_VIEWER, issuer, subject, rounds=rounds)
        if [tuple(row) for row in rows] == known[0]:
            return known[1]
    # Again if it has changed, to read it by name.
    rows = await reads.identity(_VIEWER, issuer, subject)
    if not rows:
        return None
    values = [tuple(row) for row in rows]
    if known is None or known[0] != values:
        if len(_known) >= _MAX_KNOWN:
            _known.clear()
        known = _known[key] = values, _viewer(rows, acting_account)
    return known[1]


_MAX_KNOWN = 1_000
_known: dict[tuple[str, str, UUID | None], tuple[list[tuple[Any, ...]], Viewer]] = {}
"""Viewers with the values that they were made of: they are read for every operation, but seldom differ."""


def _viewer(rows: list[asyncpg.Record], acting_account: UUID | None) -> Viewer:
    seats = [_own_seat(row) for row in rows if row["membership_id"]]
    return Viewer(
        id=rows[0]["user_id"],
        name=rows[0]["user_name"],
        email=rows[0]["email"],
        seats=tuple(seats),
        agency_memberships=tuple(
            _agency_membership(row) for row in rows if row["membership_id"] and row["a_kind"] == AccountKind.AGENCY
        ),
        acting_account=acting_account,
        own={seat.account.id: seat for seat in seats},
    )


def _own_seat(row: asyncpg.Record) -> Seat:
    scope = Scope(row["a_id"], row["all_locations"], tuple(map(UUID, row["locations"])))
    return Seat(AccountRow(row), Role(row["role"]), Via.OWN, scope)


def _agency_membership(row: asyncpg.Record) -> AgencyMembership:
    return AgencyMembership(row["membership_id"], row["a_id"], Role(row["role"]), row["all_clients"])


def own_seat(viewer: Viewer, account_id: UUID) -> Seat | None:
    """The seat of the viewer's own membership in this account, if they have one."""
    return viewer.own.get(account_id)


async def seat_in(reads: Reads, viewer: Viewer, account_id: UUID) -> Seat | None:
    """The viewer's seat, from their own membership or else through an agency; None if they have no access."""
    if (own := own_seat(viewer, account_id)) is not None:
        return own
    memberships = viewer.agency_memberships
    if not memberships:
        return None
    agencies = [membership.agency_id for membership in memberships]
    rows = await reads.identity(_CLIENT, account_id, agencies, [one.membership_id for one in memberships])
    if not rows:
        return None
    row = rows[0]
    membership = next(one for one in memberships if one.agency_id == row["a_agency_id"])
    if not membership.sees_all_clients and membership.membership_id not in row["assigned"]:
        return None
    return client_seat(viewer, membership, row)


def client_seat(viewer: Viewer, membership: AgencyMembership, row: asyncpg.Record) -> Seat:
    """The seat in a client that an agency membership gives; the viewer's own membership there takes precedence."""
    key = row["a_id"]
    return own_seat(viewer, key) or Seat(AccountRow(row), membership.role_in_clients, Via.AGENCY, _whole(key))


@lru_cache(maxsize=10_000)
def _whole(account_id: UUID) -> Scope:
    return Scope(account_id, all_locations=True, location_ids=())


async def accounts_of_rows(reads: Reads, table: str, keys: Sequence[UUID]) -> set[UUID]:
    """The accounts that these rows belong to, and nothing else about them."""
    text = f"select distinct account_id from {table} where id = any($1::uuid[])"
    return {row["account_id"] for row in await reads.identity(text, list(keys))}


async def assigned_clients(reads: Reads, membership: AgencyMembership) -> list[UUID]:
    """The clients assigned to a membership that is not for all of them."""
    text = "select account_id from membership_client where membership_id = $1"
    return [row["account_id"] for row in await reads.identity(text, membership.membership_id)]
