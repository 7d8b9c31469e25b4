"""Locations and the platforms they offer."""

from uuid import UUID

import strawberry

from models.reads.customer_rows import LocationRow, PlatformRow
from models.rules import ids
from resolvers import locations
from schema.connection import Info
from schema.node import Node, shows


@strawberry.type(description="Where a review can be left.")
class ReviewPlatform:
    key: str = strawberry.field(description="Its name in calls.")
    name: str = strawberry.field(description="Its name for people.")
    url: str = strawberry.field(description="The location's own page there.")

    @classmethod
    def of(cls, row: PlatformRow) -> "ReviewPlatform":
        return cls(key=row.key, name=row.name, url=row.url)


@strawberry.type(description="Sends invitations under its own name, address, hours and sequence.")
class Location(Node):
    key: strawberry.Private[UUID]
    name: str = strawberry.field(description="Its name.")
    time_zone: str = strawberry.field(description="IANA name of its time zone.")

    @classmethod
    def of(cls, row: LocationRow) -> "Location":
        return cls(
            id=strawberry.ID(ids.public_id(ids.LOCATION, row.id)), key=row.id, name=row.name, time_zone=row.time_zone
        )

    @strawberry.field(description="The platforms offered to everybody it invites, in their order.")
    async def platforms(self, info: Info) -> list[ReviewPlatform]:
        return [ReviewPlatform.of(row) for row in await locations.platforms(info.context, self.key)]


shows(LocationRow, lambda row, _context: Location.of(row))
