"""Reviews that integrations find: whose they are, and what cannot be one."""

from datetime import datetime, timedelta

import pytest

import models
from models.clock import clock
from models.connection import WORK, execute, pool
from models.rules import ids
from models.rules.ids import uuid7
from tests import factories as make
from tests.asking import Api, Json
from tests.resolvers.test_commands import RECORD, codes, invited, place


def days_ago(number: float) -> datetime:
    return clock.now() - timedelta(days=number)


def review(location: str, **given: object) -> Json:
    """Of somebody whom nobody invited."""
    whole = {"locationId": location, "platform": "google", "externalId": make.unique("g"), "reviewerName": "Zoe Zuse"}
    return whole | {"reviewedOn": days_ago(1).isoformat(), "rating": 5.0} | given


async def record(api: Api, who: models.User, given: Json) -> Json:
    found: Json = (await api.data(who, RECORD, input=given))["recordReview"]
    return found


async def asked(of: models.Location, sent: float = 3, **person: object) -> str:
    """The customer's id; the invitation was sent so many days ago."""
    key = await make.invited(of, make.person(**person))
    await execute(pool(WORK), "update invitation set first_sent_at = $2 where id = $1", key, days_ago(sent))
    text = "update customer c set invited_on = $2 from invitation i where i.customer_id = c.id and i.id = $1"
    await execute(pool(WORK), text, key, days_ago(sent))
    return ids.public_id(ids.CUSTOMER, (await models.Invitation.get(id=key)).customer_id)


def matched(answer: Json) -> tuple[str | None, str | None]:
    assert answer["userErrors"] == []
    return answer["matchedBy"], answer["customer"] and answer["customer"]["id"]


async def test_an_email_address_tells_whose_it_is(api: Api) -> None:
    owner, at, location = await place()
    whose = await asked(at, email="cem@example.org")
    found = await record(api, owner, review(location, email=" CEM@example.org", phone="0151 12345678"))
    assert matched(found) == ("EMAIL", whose)


async def test_a_phone_number_tells_whose_it_is_as_dialled_in_the_location_s_country(api: Api) -> None:
    account = await make.account(country="DE")
    at = await make.location(account, country="AT")
    whose = await asked(at, phone="+436641234567")
    given = review(ids.public_id(ids.LOCATION, at.id), email="nobody@example.org", phone="0664 1234567")
    assert matched(await record(api, await make.member(account), given)) == ("PHONE", whose)


async def test_two_with_one_number_are_nobody_whatever_the_name_says(api: Api) -> None:
    owner, at, location = await place()
    for name in ("Ann", "Ben"):
        await asked(at, first_name=name, last_name="Zuse", phone="+4915112345678")
    given = review(location, phone="+4915112345678", reviewerName="Ann Zuse")
    assert matched(await record(api, owner, given)) == (None, None)


@pytest.mark.parametrize(
    ("first", "last", "shown"),
    [
        ("Zoë", "Zuse", "zoe  ZUSE"),
        ("Zoë", None, "Zoe"),
        (None, "Zuse", "Zuse"),
        ("Anne - Marie", "O'Neil", "Anne Marie ONeil"),
        ("花子", "山田", "花子 山田"),
    ],
)
async def test_a_name_tells_whose_it_is_soon_after_an_invitation(
    api: Api, first: str | None, last: str | None, shown: str
) -> None:
    owner, at, location = await place()
    whose = await asked(at, first_name=first, last_name=last)
    assert matched(await record(api, owner, review(location, reviewerName=shown))) == ("NAME_AND_TIME", whose)


@pytest.mark.parametrize("shown", ["🙂 🙂", "! ?", "-"])
async def test_a_name_without_letters_is_not_that_of_who_has_none(api: Api, shown: str) -> None:
    owner, at, location = await place()
    await asked(at, first_name=None, last_name=None)
    assert matched(await record(api, owner, review(location, reviewerName=shown))) == (None, None)


@pytest.mark.parametrize("sent", [61.5, -1])
async def test_a_name_long_after_an_invitation_or_before_it_tells_nothing(api: Api, sent: float) -> None:
    owner, at, location = await place()
    await asked(at, sent=sent, first_name="Zoe", last_name="Zuse")
    assert matched(await record(api, owner, review(location))) == (None, None)


async def test_two_of_one_name_are_nobody(api: Api) -> None:
    owner, at, location = await place()
    for _ in range(2):
        await asked(at, first_name="Zoe", last_name="Zuse")
    assert matched(await record(api, owner, review(location))) == (None, None)


async def test_a_review_of_nobody_is_somebody_s_once_more_is_known_and_stays_theirs(api: Api) -> None:
    owner, at, location = await place()
    first, other = await asked(at, email="one@example.org"), await asked(at, email="two@example.org")
    given = review(location)
    assert matched(await record(api, owner, given)) == (None, None)
    assert matched(await record(api, owner, given | {"email": "one@example.org"})) == ("EMAIL", first)
    third = await record(api, owner, given | {"email": "two@example.org", "rating": 1.0})
    assert (matched(third), third["customer"]["rating"]) == (("EMAIL", first), 1.0)
    assert other != first
    assert await models.Review.filter(location_id=at.id).count() == 1


async def test_an_invitation_that_is_none_of_this_location_is_told(api: Api) -> None:
    owner, at, location = await place()
    _, elsewhere, _ = await place()
    sister = await make.location(await models.Account.get(id=at.account_id))
    none = ["", "inv_1", ids.public_id(ids.INVITATION, uuid7()), await invited(elsewhere), await invited(sister)]
    for given in none:
        refused = await record(api, owner, review(location, invitationId=given))
        assert codes(refused) == [("NOT_FOUND", ["invitationId"])], given
    assert await models.Review.filter(location_id=at.id).count() == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"reviewerName": " "},
        {"replyUrl": "https://"},
        {"replyUrl": "https://[host"},
        {"replyUrl": "https://host /x"},
        {"replyUrl": "http://host"},
        {"replyUrl": "https://ann:secret@host/x"},
        {"replyUrl": "https://host/\u202ex"},
        {"replyUrl": "https://host/" + "x" * 2000},
        {"rating": 5.1},
        {"externalId": " "},
        {"reviewedOn": "1999-12-31T23:59:59Z"},
        {"reviewedOn": "2999-01-01T00:00:00Z"},
    ],
    ids=str,
)
async def test_what_is_no_review_is_told_with_its_field(api: Api, wrong: Json) -> None:
    owner, _, location = await place()
    assert codes(await record(api, owner, review(location) | wrong)) == [("INVALID", [*wrong])]


@pytest.mark.parametrize("reviewed_on", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"])
async def test_a_time_at_the_edge_of_the_calendar_is_refused_and_stores_nothing(api: Api, reviewed_on: str) -> None:
    owner, at, location = await place()
    answer = await api.ask(owner, RECORD, input=review(location, reviewedOn=reviewed_on))
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert "from the year 1900 to the year 9998" in error["message"]
    assert await models.Review.filter(location_id=at.id).count() == 0


async def test_a_customer_with_an_infinite_time_stored_before_can_be_read_and_mended(api: Api) -> None:
    owner, at, location = await place()
    await asked(at, email="zero@example.org")
    given = review(location, email="zero@example.org")
    await record(api, owner, given)
    await execute(pool(WORK), "update review set reviewed_on = '-infinity' where location_id = $1", at.id)
    reading = "{ account { customers { edges { node { linkedReview { reviewedOn } } } } } }"
    (edge,) = (await api.data(owner, reading))["account"]["customers"]["edges"]
    assert edge["node"]["linkedReview"]["reviewedOn"] == "0001-01-01T00:00:00Z"
    assert (await record(api, owner, given))["userErrors"] == []
    (edge,) = (await api.data(owner, reading))["account"]["customers"]["edges"]
    assert edge["node"]["linkedReview"]["reviewedOn"] != "0001-01-01T00:00:00Z"
