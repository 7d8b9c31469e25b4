"""Recording reviews: how they are matched to customers, and which are refused."""

from datetime import datetime, timedelta

import pytest

import models
from models.clock import clock
from models.connection import WORK, execute, pool
from models.rules import ids
from models.rules.ids import uuid7
from tests import factories as make
from tests.gateway import Api, Json
from tests.resolvers.test_commands import RECORD, codes, invited, place


def days_ago(number: float) -> datetime:
    return clock.now() - timedelta(days=number)


def review(location: str, **given: object) -> Json:
    """A review by someone who was not invited."""
    whole = {"locationId": location, "platform": "google", "externalId": make.unique("g"), "reviewerName": "Zoe Zuse"}
    return whole | {"reviewedOn": days_ago(1).isoformat(), "rating": 5.0} | given


async def record(api: Api, who: models.User, given: Json) -> Json:
    found: Json = (await api.data(who, RECORD, input=given))["recordReview"]
    return found


async def sent_customer(of: models.Location, sent: float = 3, **person: object) -> str:
    """A customer whose invitation was sent this many days ago; the customer's id."""
    key = await make.invited(of, make.person(**person))
    await execute(pool(WORK), "update invitation set first_sent_at = $2 where id = $1", key, days_ago(sent))
    text = "update customer c set invited_on = $2 from invitation i where i.customer_id = c.id and i.id = $1"
    await execute(pool(WORK), text, key, days_ago(sent))
    return ids.public_id(ids.CUSTOMER, (await models.Invitation.get(id=key)).customer_id)


def matched(answer: Json) -> tuple[str | None, str | None]:
    assert answer["userErrors"] == []
    return answer["matchedBy"], answer["customer"] and answer["customer"]["id"]


async def test_review_is_matched_by_email(api: Api) -> None:
    owner, at, location = await place()
    customer = await sent_customer(at, email="cem@example.org")
    found = await record(api, owner, review(location, email=" CEM@example.org", phone="0151 12345678"))
    assert matched(found) == ("EMAIL", customer)


async def test_review_is_matched_by_phone_number_in_the_locations_format(api: Api) -> None:
    account = await make.account(country="DE")
    at = await make.location(account, country="AT")
    customer = await sent_customer(at, phone="+436641234567")
    given = review(ids.public_id(ids.LOCATION, at.id), email="nobody@example.org", phone="0664 1234567")
    assert matched(await record(api, await make.member(account), given)) == ("PHONE", customer)


async def test_customer_of_another_location_is_not_matched(api: Api) -> None:
    owner, at, location = await place()
    sister = await make.location(await models.Account.get(id=at.account_id))
    await sent_customer(sister, email="cem@example.org", phone="+4915112345678")
    given = review(location, email="cem@example.org", phone="+4915112345678")
    assert matched(await record(api, owner, given)) == (None, None)


async def test_shared_phone_number_matches_nobody_even_if_the_name_matches(api: Api) -> None:
    owner, at, location = await place()
    for name in ("Ann", "Ben"):
        await sent_customer(at, first_name=name, last_name="Zuse", phone="+4915112345678")
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
async def test_review_is_matched_by_name_soon_after_an_invitation(
    api: Api, first: str | None, last: str | None, shown: str
) -> None:
    owner, at, location = await place()
    customer = await sent_customer(at, first_name=first, last_name=last)
    assert matched(await record(api, owner, review(location, reviewerName=shown))) == ("NAME_AND_TIME", customer)


@pytest.mark.parametrize("shown", ["🙂 🙂", "! ?", "-"])
async def test_name_without_letters_does_not_match_a_customer_without_a_name(api: Api, shown: str) -> None:
    owner, at, location = await place()
    await sent_customer(at, first_name=None, last_name=None)
    assert matched(await record(api, owner, review(location, reviewerName=shown))) == (None, None)


@pytest.mark.parametrize("sent", [61.5, -1])
async def test_name_does_not_match_before_or_long_after_an_invitation(api: Api, sent: float) -> None:
    owner, at, location = await place()
    await sent_customer(at, sent=sent, first_name="Zoe", last_name="Zuse")
    assert matched(await record(api, owner, review(location))) == (None, None)


async def test_shared_name_matches_nobody(api: Api) -> None:
    owner, at, location = await place()
    for _ in range(2):
        await sent_customer(at, first_name="Zoe", last_name="Zuse")
    assert matched(await record(api, owner, review(location))) == (None, None)


async def test_unmatched_review_can_be_matched_later_and_then_stays_matched(api: Api) -> None:
    owner, at, location = await place()
    first, other = await sent_customer(at, email="one@example.org"), await sent_customer(at, email="two@example.org")
    given = review(location)
    assert matched(await record(api, owner, given)) == (None, None)
    assert matched(await record(api, owner, given | {"email": "one@example.org"})) == ("EMAIL", first)
    third = await record(api, owner, given | {"email": "two@example.org", "rating": 1.0})
    assert (matched(third), third["customer"]["rating"]) == (("EMAIL", first), 1.0)
    assert other != first
    assert await models.Review.filter(location_id=at.id).count() == 1


async def test_invitation_of_another_location_is_not_found(api: Api) -> None:
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
async def test_invalid_review_is_refused_with_its_field(api: Api, wrong: Json) -> None:
    owner, _, location = await place()
    assert codes(await record(api, owner, review(location) | wrong)) == [("INVALID", [*wrong])]


@pytest.mark.parametrize("reviewed_on", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"])
async def test_review_at_the_edge_of_the_calendar_is_refused(api: Api, reviewed_on: str) -> None:
    owner, at, location = await place()
    given = review(location, reviewedOn=reviewed_on)
    assert codes(await record(api, owner, given)) == [("INVALID", ["reviewedOn"])]
    assert await models.Review.filter(location_id=at.id).count() == 0


async def test_customer_with_a_stored_infinite_time_can_be_read_and_corrected(api: Api) -> None:
    owner, at, location = await place()
    await sent_customer(at, email="zero@example.org")
    given = review(location, email="zero@example.org")
    await record(api, owner, given)
    await execute(pool(WORK), "update review set reviewed_on = '-infinity' where location_id = $1", at.id)
    reading = "{ account { customers { edges { node { linkedReview { reviewedOn } } } } } }"
    (edge,) = (await api.data(owner, reading))["account"]["customers"]["edges"]
    assert edge["node"]["linkedReview"]["reviewedOn"] == "0001-01-01T00:00:00Z"
    assert (await record(api, owner, given))["userErrors"] == []
    (edge,) = (await api.data(owner, reading))["account"]["customers"]["edges"]
    assert edge["node"]["linkedReview"]["reviewedOn"] != "0001-01-01T00:00:00Z"
