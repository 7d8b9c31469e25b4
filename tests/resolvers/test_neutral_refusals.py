"""A member who sees only some locations is told nothing of the others, whatever is refused because of them."""

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
from tests.bulk_import.lists import taken_in
from tests.gateway import Api, Json
from tests.resolvers.test_commands import STOP, ann, codes, invite, invited
from tests.resolvers.test_reviews import record, review

ROW_ERRORS = """query ($id: ID!) { account { bulkImport(id: $id) { rowErrors { totalCount edges { node { code message } } } } } }"""
ANN = "ann@example.org"


class Branches:
    """An account with two locations; `bound` sees the first one alone."""

    def __init__(self, here: models.Location, there: models.Location, owner: models.User, bound: models.User) -> None:
        self.here, self.there, self.owner, self.bound = here, there, owner, bound
        self.place = ids.public_id(ids.LOCATION, here.id)

    @classmethod
    async def make(cls, role: Role = Role.MANAGER) -> "Branches":
        account = await make.account()
        here, there = await make.location(account), await make.location(account)
        bound = await make.member(account, role, all_locations=False)
        await make.assign(bound, here)
        return cls(here, there, await make.member(account), bound)


async def written_to(of: models.Location, *, days_ago: float) -> None:
    """An invitation of Ann that went out so long ago and has ended."""
    key = await make.invited(of, make.person(email=ANN), send_at=clock.now() + timedelta(days=1))
    text = "update invitation set state = 'COMPLETED', first_sent_at = $2 where id = $1"
    await execute(pool(WORK), text, key, clock.now() - timedelta(days=days_ago))


async def refused(api: Api, who: models.User, branches: Branches) -> tuple[str, str]:
    (error,) = (await invite(api, who, ann(branches.place, email=ANN)))["userErrors"]
    return error["code"], error["message"]


async def test_an_open_invitation_elsewhere_refuses_without_a_word_about_it(api: Api) -> None:
    branches = await Branches.make()
    await make.invited(branches.there, make.person(email=ANN))
    assert await refused(api, branches.bound, branches) == ("ALREADY_ACTIVE", CANNOT_BE_INVITED)
    assert "exists already" in (await refused(api, branches.owner, branches))[1]


async def test_an_open_invitation_here_is_told_though_there_is_one_elsewhere(api: Api) -> None:
    branches = await Branches.make()
    await make.invited(branches.there, make.person(email=ANN))
    await models.Invitation.filter(location_id=branches.there.id).update(state="COMPLETED")
    await make.invited(branches.here, make.person(email=ANN))
    await models.Invitation.filter(location_id=branches.there.id).update(state="ACTIVE")
    assert "exists already" in (await refused(api, branches.bound, branches))[1]


async def test_a_cool_down_from_elsewhere_names_no_date(api: Api) -> None:
    branches = await Branches.make()
    await written_to(branches.there, days_ago=3)
    assert await refused(api, branches.bound, branches) == ("RECENTLY_INVITED", CANNOT_BE_INVITED)
    day = (clock.now() - timedelta(days=3)).date().isoformat()
    assert f"was invited on {day}" in (await refused(api, branches.owner, branches))[1]


async def test_the_date_of_an_earlier_invitation_here_is_not_given_where_a_later_one_elsewhere_counts(api: Api) -> None:
    branches = await Branches.make()
    await written_to(branches.here, days_ago=30)
    day = (clock.now() - timedelta(days=30)).date().isoformat()
    assert f"was invited on {day}" in (await refused(api, branches.bound, branches))[1]
    await models.Location.filter(id=branches.there.id).update(cool_down_days=0)
    await written_to(branches.there, days_ago=3)
    assert await refused(api, branches.bound, branches) == ("RECENTLY_INVITED", CANNOT_BE_INVITED)


@pytest.mark.parametrize(
    ("before", "code", "sentence"),
    [
        ("ACTIVE", "ALREADY_ACTIVE", "An open invitation to this address exists already."),
        (
            "COMPLETED",
            "RECENTLY_INVITED",
            "This address was invited recently; the location's cool-down is not over.",
        ),
    ],
)
async def test_row_errors_with_a_reason_elsewhere_are_neutral_to_who_does_not_see_it(
    api: Api, before: str, code: str, sentence: str
) -> None:
    branches = await Branches.make()
    for place, mail in ((branches.there, ANN), (branches.here, "ben@example.org")):
        key = await make.invited(place, make.person(email=mail))
        await models.Invitation.filter(id=key).update(state=before, first_sent_at=clock.now())
    imported = await taken_in(branches.here, f"Ann,A,{ANN},", "Ben,B,ben@example.org,")
    told = {}
    for who in (branches.bound, branches.owner):
        asked = await api.data(who, ROW_ERRORS, id=ids.public_id(ids.BULK_IMPORT, imported))
        errors = asked["account"]["bulkImport"]["rowErrors"]["edges"]
        told[who.id] = [(edge["node"]["code"], edge["node"]["message"]) for edge in errors]
    assert told[branches.bound.id] == [(code, CANNOT_BE_INVITED), (code, sentence)]
    assert told[branches.owner.id] == [(code, sentence)] * 2


async def test_a_review_recorded_elsewhere_refuses_without_a_word_about_it(api: Api) -> None:
    branches = await Branches.make(Role.ADMIN)
    given = review(ids.public_id(ids.LOCATION, branches.there.id))
    assert (await record(api, branches.owner, given))["userErrors"] == []
    here = given | {"locationId": branches.place}
    told = {who.id: (await record(api, who, here))["userErrors"] for who in (branches.bound, branches.owner)}
    assert [(one["code"], one["message"]) for one in told[branches.bound.id]] == [
        ("INVALID", "This review cannot be recorded here.")
    ]
    assert "another location" in told[branches.owner.id][0]["message"]


async def stopped(api: Api, who: models.User, invitation: str, key: str) -> Json:
    given = {"invitationId": invitation, "idempotencyKey": key}
    return dict((await api.data(who, STOP, input=given))["stopInvitation"])


async def test_a_key_used_elsewhere_tells_not_whether_an_invitation_exists(api: Api) -> None:
    branches = await Branches.make()
    unseen, none = await invited(branches.there), ids.public_id(ids.INVITATION, uuid7())
    assert (await stopped(api, branches.owner, unseen, "one"))["userErrors"] == []
    conflict = [("IDEMPOTENCY_CONFLICT", ["idempotencyKey"])]
    assert [codes(await stopped(api, branches.bound, key, "one")) for key in (unseen, none)] == [conflict] * 2


async def test_a_key_of_what_a_member_does_not_see_is_answered_again_to_them_and_for_nobody_else(api: Api) -> None:
    branches = await Branches.make()
    unseen = await invited(branches.there)
    missing = [("NOT_FOUND", ["invitationId"])]
    assert [codes(await stopped(api, branches.bound, unseen, "one")) for _ in range(2)] == [missing] * 2
    assert codes(await stopped(api, branches.owner, unseen, "one")) == [("IDEMPOTENCY_CONFLICT", ["idempotencyKey"])]
    assert (await stopped(api, branches.owner, unseen, "two"))["invitation"]["state"] == "STOPPED"


async def test_a_refusal_that_somebody_else_was_given_is_not_answered_again_to_who_may_not_read_it(api: Api) -> None:
    branches = await Branches.make()
    await written_to(branches.there, days_ago=3)
    given = ann(branches.place, email=ANN, idempotencyKey="one")
    assert "was invited on" in (await invite(api, branches.owner, given))["userErrors"][0]["message"]
    assert codes(await invite(api, branches.bound, given)) == [("IDEMPOTENCY_CONFLICT", ["idempotencyKey"])]


async def test_what_does_not_exist_and_what_is_not_seen_are_refused_alike(api: Api) -> None:
    branches = await Branches.make(Role.ADMIN)
    there, unseen = ids.public_id(ids.LOCATION, branches.there.id), await invited(branches.there)
    nowhere, none = ids.public_id(ids.LOCATION, uuid7()), ids.public_id(ids.INVITATION, uuid7())
    assert await invite(api, branches.bound, ann(there, email=ANN)) == await invite(
        api, branches.bound, ann(nowhere, email=ANN)
    )
    assert await record(api, branches.bound, review(there)) == await record(api, branches.bound, review(nowhere))
    mine = review(branches.place)
    told = [await record(api, branches.bound, mine | {"invitationId": key}) for key in (unseen, none)]
    assert told[0] == told[1]
    answers = [(await api.data(branches.bound, STOP, input={"invitationId": key})) for key in (unseen, none)]
    assert answers[0] == answers[1]
