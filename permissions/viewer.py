"""The user who makes a request, and their seat in each account."""

from collections.abc import Hashable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID

from models.reads.account_rows import AccountRow
from models.rules.enums import Role
from models.rules.scope import Scope


class Via(StrEnum):
    """Where a seat comes from: the user's own membership, or their agency's."""

    OWN = "OWN"
    AGENCY = "AGENCY"


@dataclass(frozen=True, slots=True)
class Seat:
    """A viewer's role in an account, and the locations that they can see. `known`: for others to remember what they decide."""

    account: AccountRow
    role: Role
    via: Via
    scope: Scope
    known: dict[Hashable, Any] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class AgencyMembership:
    """A user's own membership in an agency, which gives them seats in its clients."""

    membership_id: UUID
    agency_id: UUID
    role: Role
    all_clients: bool

    @property
    def sees_all_clients(self) -> bool:
        """OWNER and ADMIN see every client; MANAGER and VIEWER can be limited to the clients assigned to them."""
        return self.role in (Role.OWNER, Role.ADMIN) or self.all_clients

    @property
    def role_in_clients(self) -> Role:
        """OWNER and ADMIN act as ADMIN; MANAGER and VIEWER keep their role."""
        return Role.ADMIN if self.role is Role.OWNER else self.role


@dataclass(frozen=True, slots=True)
class Viewer:
    """A user with their own memberships, oldest first, and the account that the token names, if any."""

    id: UUID
    name: str
    email: str
    seats: tuple[Seat, ...]
    agency_memberships: tuple[AgencyMembership, ...]
    acting_account: UUID | None = None
    own: dict[UUID, Seat] = field(default_factory=dict)
