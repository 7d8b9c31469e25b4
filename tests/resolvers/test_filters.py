"""Each filter of the customer table, by the customers it returns."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

import models
from models.clock import clock
from models.connection import WORK, execute, pool
from models.rules import ids
from tests import factories as make
from tests.gateway import Api, Json
from tests.resolvers.test_customers import table
from tests.resolvers.test_reviews import record, review

WHEN = {"Ann": 10, "Ben": 5, "Cem": 1}


@dataclass(frozen=True)
class Table:
    """Ann, invited here long ago, scored 9; Ben, invited there, scored 3 and is stopped; Cem was imported and left a review."""

    owner: models.User
    here: str
    there: str
    imported: str
    began: datetime

    def ago(self, days: float) -> str:
        return (self.began - timedelta(days=days)).isoformat()


async def three_customers(api: Api) -> Table:
    account = await make.account()
    here, there, began = await make.location(account), await make.location(account), clock.now()
    imported = await make.bulk_import(here)
    owner = await make.member(account)
    for name, at in (("Ann", here), ("Ben", there), ("Cem", here)):
        key = await make.invited(at, make.person(first_name=name), source="Till" if name == "Ann" else "Web")
        customer = (await models.Invitation.get(id=key)).customer_id
        score = {"Ann": 9, "Ben": 3}.get(name)
        when = began - timedelta(days=WHEN[name])
        await models.Customer.filter(id=customer).update(invited_on=when, nps_score=score)
        if name == "Ben":
            await models.Invitation.filter(id=key).update(state="STOPPED")
        if name == "Cem":
            await models.Invitation.filter(id=key).update(bulk_import_id=imported)
            invitation_id = ids.public_id(ids.INVITATION, key)
            given = review(ids.public_id(ids.LOCATION, here.id), invitationId=invitation_id)
            assert (await record(api, owner, given))["matchedBy"] == "INVITATION"
    places = [ids.public_id(ids.LOCATION, one.id) for one in (here, there)]
    return Table(owner, places[0], places[1], ids.public_id(ids.BULK_IMPORT, imported), began)


FILTERS: dict[str, tuple[Callable[[Table], Json], str]] = {
    "one location": (lambda of: {"locationIds": [of.there]}, "Ben"),
    "two locations": (lambda of: {"locationIds": [of.here, of.there]}, "Cem Ben Ann"),
    "no location": (lambda of: {"locationIds": []}, ""),
    "one state": (lambda of: {"invitationStates": ["STOPPED"]}, "Ben"),
    "two states": (lambda of: {"invitationStates": ["STOPPED", "QUEUED"]}, "Ben Ann"),
    "no state": (lambda of: {"invitationStates": []}, ""),
    "source": (lambda of: {"sources": ["Till"]}, "Ann"),
    "source in another case": (lambda of: {"sources": ["till"]}, ""),
    "bulk import": (lambda of: {"bulkImportId": of.imported}, "Cem"),
    "unknown bulk import": (lambda of: {"bulkImportId": "imp_1"}, ""),
    "since, inclusive": (lambda of: {"invitedSince": of.ago(5)}, "Cem Ben"),
    "until, exclusive": (lambda of: {"invitedUntil": of.ago(5)}, "Ann"),
    "since and until": (lambda of: {"invitedSince": of.ago(6), "invitedUntil": of.ago(2)}, "Ben"),
    "with review": (lambda of: {"hasReview": True}, "Cem"),
    "without review": (lambda of: {"hasReview": False}, "Ben Ann"),
    "minimum score": (lambda of: {"npsAtLeast": 9}, "Ann"),
    "maximum score": (lambda of: {"npsAtMost": 3}, "Ben"),
    "score range": (lambda of: {"npsAtLeast": 3, "npsAtMost": 9}, "Ben Ann"),
    "combined": (lambda of: {"locationIds": [of.here], "npsAtLeast": 0, "hasReview": False}, "Ann"),
}


@pytest.mark.parametrize("name", FILTERS)
async def test_filter_limits_rows_and_total_count(api: Api, name: str) -> None:
    of = await three_customers(api)
    given, left = FILTERS[name]
    found = await table(api, of.owner, filter=given(of))
    names = [edge["node"]["firstName"] for edge in found["edges"]]
    assert names == left.split()
    assert found["totalCount"] == {"value": len(names), "exact": True}


async def test_customers_in_a_flagged_lane_are_found_as_held(api: Api) -> None:
    of = await three_customers(api)
    location = ids.parse_id(ids.LOCATION, of.here)
    text = "update lane set flag = 'TRANSPORT_QUIET', flagged_at = now() where location_id = $1"
    await execute(pool(WORK), text, location)
    for state, left in (("HELD", ["Ann"]), ("QUEUED", [])):
        found = await table(api, of.owner, filter={"invitationStates": [state]})
        assert [edge["node"]["firstName"] for edge in found["edges"]] == left
