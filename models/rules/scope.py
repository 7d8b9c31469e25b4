"""What of one account a viewer sees."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Scope:
    """An account, and all of its locations or only these. Only `permissions` makes one, from a membership; every read of
    lists takes one, so that no read can forget it."""

    account_id: UUID
    all_locations: bool
    location_ids: tuple[UUID, ...]

    def sees(self, location_id: UUID) -> bool:
        return self.all_locations or location_id in self.location_ids

    def narrowed(self, wanted: Sequence[UUID]) -> "Scope":
        """Only those of the wanted locations that are in scope. Ids of another account's locations match no row."""
        return replace(self, all_locations=False, location_ids=tuple(key for key in wanted if self.sees(key)))

    @property
    def parameter(self) -> list[UUID] | None:
        """The locations as a parameter of a statement; null stands for all of the account."""
        return None if self.all_locations else list(self.location_ids)


def scope_columns(scopes: Sequence[Scope]) -> tuple[list[UUID], list[bool], list[UUID]]:
    """Several scopes as parameters of one statement: the accounts, whether all of an account's locations count, and the
    locations that count elsewhere (a location belongs to one account, so one list serves all)."""
    return (
        [scope.account_id for scope in scopes],
        [scope.all_locations for scope in scopes],
        [key for scope in scopes for key in scope.location_ids],
    )
