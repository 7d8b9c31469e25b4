"""Refusals caused by other locations reveal nothing about these to members who see only some locations."""

from datetime import timedelta

import pytest

import models
from models.clock import clock
from models.connection import WORK, execute, pool
from models.rules import ids
from models.rules.enums import Role
from models.rules.errors import CANNOT_BE_INVITED
from models.rules.ids import uuid7
from tests import factories as make
from tests.bulk_import.imports import run_import
from tests.gateway import Api, Json
from tests.resolvers.test_commands import STOP, ann, codes, invite, invited
from tests.resolvers.test_reviews import record, review

ROW_ERRORS = """query ($id: ID!) { account { bulkImport(id: $id) { rowErrors { totalCount edges { node { code message } } } } } }"""
ANN = "ann@example.org"


class Branches:
    """An account with two locations; `limited` is a member who sees only the first."""

    def __init__(self, here: models.Location, there: models.Location, owner: models.User, limited: models.User) -> None:
        self.here, self.there, self.owner, self.limited = here, there, owner, limited
        self.place = ids.public_id(ids.LOCATION, here.id)

    @classmethod
    async def make(cls, role: Role = Role.MANAGER) -> "Branches":
        account = await make.account()
        here, there = await make.location(account), await make.location(account)
        limited = await make.member(account, role, all_locations=False)
        await make.assign(limited, here)
        return cls(here, there, await make.member(account), limited)


async def completed_invitation(of: models.Location, *, days_ago: float) -> None:
    """Creates an invitation to Ann that was sent this long ago and has ended."""
    key = await make.invited(of, make.person(email=ANN), send_at=clock.now() + timedelta(days=1))
    text = "update invitation set state = 'COMPLETED', first_sent_at = $2 where id = $1"
    await execute(pool(WORK), text, key, clock.now() - timedelta(days=days_ago))


async def refused(api: Api, who: models.User, branches: Branches) -> tuple[str, str]:
    (error,) = (await invite(api, who, ann(branches.place, email=ANN)))["userErrors"]
    return error["code"], error["message"]


async def test_open_invitation_at_an_unseen_location_is_refused_without_details(api: Api) -> None:
    branches = await Branches.make()
    await make.invited(branches.there, make.person(email=ANN))
    assert await refused(api, branches.limited, branches) == ("ALREADY_ACTIVE", CANNOT_BE_INVITED)
    assert "already exists" in (await refused(api, branches.owner, branches))[1]


async def test_open_invitation_at_a_seen_location_is_named_even_with_one_elsewhere(api: Api) -> None:
    branches = await Branches.make()
    await make.invited(branches.there, make.person(email=ANN))
    await models.Invitation.filter(location_id=branches.there.id).update(state="COMPLETED")
    await make.invited(branches.here, make.person(email=ANN))
    await models.Invitation.filter(location_id=branches.there.id).update(state="ACTIVE")
    assert "already exists" in (await refused(api, branches.limited, branches))[1]


async def test_cool_down_from_an_unseen_location_is_refused_without_a_date(api: Api) -> None:
    branches = await Branches.make()
    await completed_invitation(branches.there, days_ago=3)
    assert await refused(api, branches.limited, branches) == ("RECENTLY_INVITED", CANNOT_BE_INVITED)
    day = (clock.now() - timedelta(days=3)).date().isoformat()
    assert f"was invited on {day}" in (await refused(api, branches.owner, branches))[1]


async def test_date_is_withheld_when_a_later_invitation_at_an_unseen_location_counts(api: Api) -> None:
    branches = await Branches.make()
    await completed_invitation(branches.here, days_ago=30)
    day = (clock.now() - timedelta(days=30)).date().isoformat()
    assert f"was invited on {day}" in (await refused(api, branches.limited, branches))[1]
    await models.Location.filter(id=branches.there.id).update(cool_down_days=0)
    await completed_invitation(branches.there, days_ago=3)
    assert await refused(api, branches.limited, branches) == ("RECENTLY_INVITED", CANNOT_BE_INVITED)


@pytest.mark.parametrize(
    ("before", "code", "sentence"),
    [
        ("ACTIVE", "ALREADY_ACTIVE", "An open invitation to this address already exists"),
        ("COMPLETED", "RECENTLY_INVITED", "This address was invited on"),
    ],
)
async def test_row_errors_caused_by_unseen_locations_are_neutral(
    api: Api, before: str, code: str, sentence: str
) -> None:
    branches = await Branches.make()
    for place, mail in ((branches.there, ANN), (branches.here, "ben@example.org")):
        key = await make.invited(place, make.person(email=mail))
        await models.Invitation.filter(id=key).update(state=before, first_sent_at=clock.now())
    imported = await run_import(branches.here, f"Ann,A,{ANN},", "Ben,B,ben@example.org,")
    shown = {}
    for who in (branches.limited, branches.owner):
        data = await api.data(who, ROW_ERRORS, id=ids.public_id(ids.BULK_IMPORT, imported))
        errors = data["account"]["bulkImport"]["rowErrors"]["edges"]
        shown[who.id] = [(edge["node"]["code"], edge["node"]["message"]) for edge in errors]
    whole, other = shown[branches.owner.id]
    assert whole == other == (code, whole[1])
    assert whole[1].startswith(sentence)
    assert shown[branches.limited.id] == [(code, CANNOT_BE_INVITED), whole]


async def test_review_recorded_at_an_unseen_location_is_refused_without_details(api: Api) -> None:
    branches = await Branches.make(Role.ADMIN)
    given = review(ids.public_id(ids.LOCATION, branches.there.id))
    assert (await record(api, branches.owner, given))["userErrors"] == []
    here = given | {"locationId": branches.place}
    errors = {who.id: (await record(api, who, here))["userErrors"] for who in (branches.limited, branches.owner)}
    assert [(one["code"], one["message"]) for one in errors[branches.limited.id]] == [
        ("INVALID", "This review cannot be recorded here.")
    ]
    assert "another location" in errors[branches.owner.id][0]["message"]


async def stopped(api: Api, who: models.User, invitation: str, key: str) -> Json:
    given = {"invitationId": invitation, "idempotencyKey": key}
    return dict((await api.data(who, STOP, input=given))["stopInvitation"])


async def test_used_key_does_not_reveal_whether_an_invitation_exists(api: Api) -> None:
    branches = await Branches.make()
    unseen, none = await invited(branches.there), ids.public_id(ids.INVITATION, uuid7())
    assert (await stopped(api, branches.owner, unseen, "one"))["userErrors"] == []
    missing = [("NOT_FOUND", ["invitationId"])]
    assert [codes(await stopped(api, branches.limited, key, "one")) for key in (unseen, none)] == [missing] * 2


async def test_member_who_cannot_see_an_invitation_does_not_use_up_its_key(api: Api) -> None:
    branches = await Branches.make()
    unseen = await invited(branches.there)
    missing = [("NOT_FOUND", ["invitationId"])]
    assert [codes(await stopped(api, branches.limited, unseen, "one")) for _ in range(2)] == [missing] * 2
    assert (await stopped(api, branches.owner, unseen, "one"))["invitation"]["state"] == "STOPPED"


async def test_key_gives_members_of_different_scopes_the_same_invitation(api: Api) -> None:
    branches = await Branches.make()
    given = ann(branches.place, email=ANN, idempotencyKey="one")
    first = await invite(api, branches.limited, given)
    assert first["userErrors"] == []
    assert await invite(api, branches.owner, given) == first


@pytest.mark.parametrize("owner_first", [True, False])
async def test_stored_refusal_says_no_more_than_each_member_can_see(api: Api, owner_first: bool) -> None:
    branches = await Branches.make()
    await completed_invitation(branches.there, days_ago=3)
    given = ann(branches.place, email=ANN, idempotencyKey="one")
    members = [branches.owner, branches.limited]
    told = {}
    for who in members if owner_first else reversed(members):
        (error,) = (await invite(api, who, given))["userErrors"]
        told[who.id] = (error["code"], error["message"])
    assert told[branches.limited.id] == ("RECENTLY_INVITED", CANNOT_BE_INVITED)
    assert told[branches.owner.id][0] == "RECENTLY_INVITED"
    assert "was invited on" in told[branches.owner.id][1]


async def test_message_of_a_stored_refusal_does_not_change(api: Api) -> None:
    branches = await Branches.make()
    await completed_invitation(branches.here, days_ago=3)
    given = ann(branches.place, email=ANN, idempotencyKey="one")
    refused = await invite(api, branches.owner, given)
    await models.Invitation.filter(location_id=branches.here.id).update(first_sent_at=None)
    assert await invite(api, branches.limited, given) == refused


async def test_unknown_and_unseen_objects_are_refused_alike(api: Api) -> None:
    branches = await Branches.make(Role.ADMIN)
    there, unseen = ids.public_id(ids.LOCATION, branches.there.id), await invited(branches.there)
    unknown, none = ids.public_id(ids.LOCATION, uuid7()), ids.public_id(ids.INVITATION, uuid7())
    assert await invite(api, branches.limited, ann(there, email=ANN)) == await invite(
        api, branches.limited, ann(unknown, email=ANN)
    )
    assert await record(api, branches.limited, review(there)) == await record(api, branches.limited, review(unknown))
    mine = review(branches.place)
    refusals = [await record(api, branches.limited, mine | {"invitationId": key}) for key in (unseen, none)]
    assert refusals[0] == refusals[1]
    answers = [(await api.data(branches.limited, STOP, input={"invitationId": key})) for key in (unseen, none)]
    assert answers[0] == answers[1]
