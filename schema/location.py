"""Locations and the platforms they offer."""

from uuid import UUID

import strawberry

from models.reads import location_rows
from models.reads.customer_rows import LocationRow, PlatformRow
from models.rules import ids
from permissions.viewer import Seat
from resolvers import customers
from resolvers.pages import Page
from schema.connection import Info, Node, PageInfo, edges, page_info


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
        return [ReviewPlatform.of(row) for row in await customers.platforms(info.context, self.key)]


@strawberry.type(description="A location at its place in the list.")
class LocationEdge:
    cursor: str = strawberry.field(description="Where to go on.")
    node: Location = strawberry.field(description="The location.")


@strawberry.type(description="Locations that the viewer sees, by name.")
class LocationConnection:
    seat: strawberry.Private[Seat]
    edges: list[LocationEdge] = strawberry.field(description="The page.")
    page_info: PageInfo = strawberry.field(description="Where the page lies.")

    @strawberry.field(description="How many there are.")
    async def total_count(self, info: Info) -> int:
        return await location_rows.number(info.context.reads, self.seat.account.id, self.seat.locations)

    @classmethod
    def of(cls, page: Page[LocationRow], seat: Seat) -> "LocationConnection":
        made = edges(page, lambda cursor, row: LocationEdge(cursor=cursor, node=Location.of(row)))
        return cls(seat=seat, edges=made, page_info=page_info(page))
