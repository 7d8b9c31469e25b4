"""The part of an account that a viewer can see."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Scope:
    """An account, and all of its locations or only these. Only `permissions` creates scopes, from memberships. Every read of
    a list requires one, so that none can omit it."""

    account_id: UUID
    all_locations: bool
    location_ids: tuple[UUID, ...]

    def sees(self, location_id: UUID) -> bool:
        return self.all_locations or location_id in self.location_ids

    def narrowed(self, wanted: Sequence[UUID]) -> "Scope":
        """Limits the scope to the given locations. Ids of other accounts' locations match no rows."""
        return replace(self, all_locations=False, location_ids=tuple(key for key in wanted if self.sees(key)))

    @property
    def parameter(self) -> list[UUID] | None:
        """The locations as a statement parameter; null means all."""
        return None if self.all_locations else list(self.location_ids)


def scope_columns(scopes: Sequence[Scope]) -> tuple[list[UUID], list[bool], list[UUID]]:
    """Several scopes as parameters of one statement: the accounts, whether all of an account's locations count, and the
    locations that count for the other accounts (one list for all, since a location belongs to one account)."""
    return (
        [scope.account_id for scope in scopes],
        [scope.all_locations for scope in scopes],
        [key for scope in scopes for key in scope.location_ids],
    )
