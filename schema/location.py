"""Locations and the platforms they offer."""

import strawberry

from models.reads.customer_rows import LocationRow, PlatformRow
from models.reads.records import Column
from models.rules import ids
from resolvers import locations
from schema.connection import Info
from schema.node import Node, register_node
from schema.rows import of_record, view_of


@of_record(PlatformRow)
@strawberry.type(description="A platform on which customers can leave a review.")
class ReviewPlatform:
    key: str = strawberry.field(description="Its key, for use in API calls.")
    name: str = strawberry.field(description="Its display name.")
    url: str = strawberry.field(description="The location's page on the platform.")

    @classmethod
    def of(cls, row: PlatformRow) -> "ReviewPlatform":
        return view_of(cls, row.record)


@of_record(LocationRow, id=Column("l_id", by=ids.writer_of(ids.LOCATION)))
@strawberry.type(
    description="A location of an account. It sends invitations under its own name and address, with its own hours and sequence."
)
class Location(Node):
    key = LocationRow.id
    name: str = strawberry.field(description="The location's name.")
    time_zone: str = strawberry.field(description="Its time zone, as an IANA name.")

    @classmethod
    def of(cls, row: LocationRow) -> "Location":
        return view_of(cls, row.record)

    @strawberry.field(description="The review platforms it offers to every customer, in order.")
    async def platforms(self, info: Info) -> list[ReviewPlatform]:
        return [ReviewPlatform.of(row) for row in await locations.platforms(info.context, self.key)]


register_node(LocationRow, lambda row, _context: Location.of(row))
