"""Who asks, and with which seat in which account."""

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

import asyncpg
import orjson

from models.rules.enums import AccountKind, PlanTier, Role
from models.rules.plan import PlanFacts, facts_of
from models.rules.scope import Scope


class Via(StrEnum):
    """How a member came to a seat."""

    OWN = "OWN"
    AGENCY = "AGENCY"


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account as requests see it."""

    id: UUID
    name: str
    kind: AccountKind
    plan: PlanTier
    facts: PlanFacts
    time_zone: str
    anchor_day: int
    country: str
    language: str
    agency_id: UUID | None


@dataclass(frozen=True, slots=True)
class Seat:
    """What a viewer is in an account, and what of it exists for them."""

    account: AccountRow
    role: Role
    via: Via
    scope: Scope


@dataclass(frozen=True, slots=True)
class AgencyPost:
    """An own membership in an agency: from it come the seats in its clients."""

    membership_id: UUID
    agency_id: UUID
    role: Role
    all_clients: bool

    @property
    def sees_all(self) -> bool:
        """OWNER and ADMIN work for every client; MANAGER and VIEWER for those assigned to them, if only some are."""
        return self.role in (Role.OWNER, Role.ADMIN) or self.all_clients

    @property
    def role_in_clients(self) -> Role:
        """OWNER and ADMIN act as ADMIN; MANAGER and VIEWER as themselves."""
        return Role.ADMIN if self.role is Role.OWNER else self.role


@dataclass(frozen=True, slots=True)
class Viewer:
    """A user with own memberships, the first one first; `acting`: the account that the token names, if any."""

    id: UUID
    name: str
    email: str
    seats: tuple[Seat, ...]
    posts: tuple[AgencyPost, ...]
    acting: UUID | None = None
    own: dict[UUID, Seat] = field(default_factory=dict)


def account_of(row: asyncpg.Record) -> AccountRow:
    plan = PlanTier(row["plan"])
    return AccountRow(
        id=row["account_id"],
        name=row["account_name"],
        kind=AccountKind(row["kind"]),
        plan=plan,
        facts=facts_of(plan, orjson.loads(row["overrides"])),
        time_zone=row["time_zone"],
        anchor_day=row["anchor_day"],
        country=row["country"],
        language=row["language"],
        agency_id=row["agency_id"],
    )
