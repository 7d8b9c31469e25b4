"""The customer table, narrowed: each filter by who is left."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

import models
from models.clock import clock
from models.connection import WORK, execute, pool
from models.rules import ids
from tests import factories as make
from tests.asking import Api, Json
from tests.resolvers.test_customers import table
from tests.resolvers.test_reviews import record, review

WHEN = {"Ann": 10, "Ben": 5, "Cem": 1}


@dataclass(frozen=True)
class Table:
    """Ann, invited here long ago, gave a 9; Ben, invited there, gave a 3 and was stopped; Cem, of a list, left a review."""

    owner: models.User
    here: str
    there: str
    imported: str
    began: datetime

    def ago(self, days: float) -> str:
        return (self.began - timedelta(days=days)).isoformat()


async def three(api: Api) -> Table:
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
            whose = ids.public_id(ids.INVITATION, key)
            given = review(ids.public_id(ids.LOCATION, here.id), invitationId=whose)
            assert (await record(api, owner, given))["matchedBy"] == "INVITATION"
    places = [ids.public_id(ids.LOCATION, one.id) for one in (here, there)]
    return Table(owner, places[0], places[1], ids.public_id(ids.BULK_IMPORT, imported), began)


FILTERS: dict[str, tuple[Callable[[Table], Json], str]] = {
    "of a location": (lambda of: {"locationIds": [of.there]}, "Ben"),
    "of two": (lambda of: {"locationIds": [of.here, of.there]}, "Cem Ben Ann"),
    "of none": (lambda of: {"locationIds": []}, ""),
    "of a state": (lambda of: {"invitationStates": ["STOPPED"]}, "Ben"),
    "of one of two states": (lambda of: {"invitationStates": ["STOPPED", "QUEUED"]}, "Ben Ann"),
    "of no state": (lambda of: {"invitationStates": []}, ""),
    "from a source": (lambda of: {"sources": ["Till"]}, "Ann"),
    "from a source in other letters": (lambda of: {"sources": ["till"]}, ""),
    "of a list": (lambda of: {"bulkImportId": of.imported}, "Cem"),
    "of what is no list": (lambda of: {"bulkImportId": "imp_1"}, ""),
    "since, included": (lambda of: {"invitedSince": of.ago(5)}, "Cem Ben"),
    "until, excluded": (lambda of: {"invitedUntil": of.ago(5)}, "Ann"),
    "since and until": (lambda of: {"invitedSince": of.ago(6), "invitedUntil": of.ago(2)}, "Ben"),
    "with a review": (lambda of: {"hasReview": True}, "Cem"),
    "without one": (lambda of: {"hasReview": False}, "Ben Ann"),
    "a score at least": (lambda of: {"npsAtLeast": 9}, "Ann"),
    "a score at most": (lambda of: {"npsAtMost": 3}, "Ben"),
    "a score between": (lambda of: {"npsAtLeast": 3, "npsAtMost": 9}, "Ben Ann"),
    "all of it": (lambda of: {"locationIds": [of.here], "npsAtLeast": 0, "hasReview": False}, "Ann"),
}


@pytest.mark.parametrize("name", FILTERS)
async def test_a_filter_leaves_whom_it_says_and_counts_them(api: Api, name: str) -> None:
    of = await three(api)
    given, left = FILTERS[name]
    found = await table(api, of.owner, filter=given(of))
    names = [edge["node"]["firstName"] for edge in found["edges"]]
    assert names == left.split()
    assert found["totalCount"] == {"value": len(names), "exact": True}


async def test_whoever_waits_in_a_flagged_lane_is_found_as_held(api: Api) -> None:
    of = await three(api)
    location = ids.parse_id(ids.LOCATION, of.here)
    text = "update lane set flag = 'TRANSPORT_QUIET', flagged_at = now() where location_id = $1"
    await execute(pool(WORK), text, location)
    for state, left in (("HELD", ["Ann"]), ("QUEUED", [])):
        found = await table(api, of.owner, filter={"invitationStates": [state]})
        assert [edge["node"]["firstName"] for edge in found["edges"]] == left
