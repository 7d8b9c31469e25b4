"""Search in the customer table: every visible text, ignoring case, accents and punctuation."""

from datetime import timedelta

import pytest

import models
from models.clock import clock
from models.connection import WORK, execute, pool
from models.reads.customer_search import FIRST_ROWS
from models.rules import ids
from tests import factories as make
from tests.gateway import Api
from tests.resolvers.test_customers import table

FILLED = """
insert into customer (id, account_id, location_id, first_name, email, source, invited_on, latest_invitation_id, created_at)
select gen_random_uuid(), account_id, location_id, 'Newer', 'n' || number || '@example.org', 'Web',
  invited_on + number * interval '1 second', latest_invitation_id, created_at
from customer, generate_series(1, $2) number where id = $1
"""


async def bakery() -> tuple[models.User, models.Location]:
    """A business with Zoë, who has every searchable value, and two customers who have none of them."""
    account = await make.account()
    location = await make.location(account)
    zoe = make.person(
        first_name="Zoë", last_name="Łukasz-O'Neil", email="zoe_b@example.org", phone="+493012345678",
        phone_national="03012345678",
    )  # fmt: skip
    key = await make.invited(location, zoe, employee="Änne Groß", service="Hair cut 50%")
    customer = (await models.Invitation.get(id=key)).customer_id
    await models.Customer.filter(id=customer).update(import_name="May list")
    for email in ("zoexb@example.org", "ben@example.net"):
        await make.invited(location, make.person(first_name="Ben", last_name="Meyer", email=email))
    return await make.member(account), location


async def found(api: Api, who: models.User, search: str, **given: object) -> list[str]:
    return [edge["node"]["firstName"] for edge in (await table(api, who, search=search, **given))["edges"]]


@pytest.mark.parametrize(
    "search",
    [
        "zoe",
        "ZOË",
        "lukasz",
        "oneil",
        "O'Neil",
        "kasz-one",
        "zoe_b",
        "zoe_b@example.org",
        "anne",
        "GROSS",
        "hair",
        "50%",
        "may list",
        "zoe neil hair",
        "neil   zoe",
        "ＺＯＥ neil",
    ],
)
async def test_search_matches_every_visible_text(api: Api, search: str) -> None:
    owner, _ = await bakery()
    assert (await found(api, owner, search))[-1:] == ["Zoë"]


@pytest.mark.parametrize(
    "search",
    [
        "03012345678",
        "030 12345678",
        "030/1234-5678",
        "(030) 123",
        "+493012345678",
        "+49 30 1234 5678",
        "0049 30 12345678",
        "00493012345678",
        "0049-30-1234",
        "004930",
        "01149 30 123",
        "00 49 30 123",
        "00 49 (0)30 / 12345",
        "+49 (0)30 12345678",
        "+49(0)30 123",
        "011 49 30 123",
        "zoe 00 49 30 neil",
        "0 30 / 123",
        "345678",
    ],
)
async def test_search_matches_phone_numbers_in_national_and_international_form(api: Api, search: str) -> None:
    owner, _ = await bakery()
    assert await found(api, owner, search) == ["Zoë"]


@pytest.mark.parametrize(
    "search",
    [
        "lukasz meyer",
        "0049 30 999",
        "00 49 30 999",
        "0050 30 123",
        "+49 (0)31 123",
        "zo%kasz",
        "zoe?kasz",
        "z_e_b",
        "nobody",
    ],
)
async def test_search_requires_every_word_literally(api: Api, search: str) -> None:
    owner, _ = await bakery()
    assert await found(api, owner, search) == []


async def test_underscore_is_not_a_wildcard(api: Api) -> None:
    owner, _ = await bakery()
    assert await found(api, owner, "zoe_b@") == ["Zoë"]
    assert await found(api, owner, "zoexb@") == ["Ben"]


@pytest.mark.parametrize("search", ["", "  ", "zo", "z%o", "%%%", "___", "🙂🙂🙂", "0 0"])
async def test_fewer_than_three_letters_or_digits_filter_nothing(api: Api, search: str) -> None:
    owner, _ = await bakery()
    assert len(await found(api, owner, search)) == 3


async def test_search_finds_customers_older_than_the_recent_rows(api: Api) -> None:
    owner, location = await bakery()
    oldest = await models.Customer.get(location_id=location.id, email="zoe_b@example.org")
    await execute(pool(WORK), FILLED, oldest.id, FIRST_ROWS + 100)
    hit = await table(api, owner, search="zoe_b@example")
    assert [edge["node"]["firstName"] for edge in hit["edges"]] == ["Zoë"]
    assert (hit["pageInfo"]["hasNextPage"], hit["totalCount"]["value"]) == (False, 1)


@pytest.mark.parametrize(
    ("search", "up_to", "counted"),
    [
        ("newer", 1000, {"value": 1000, "exact": False}),
        ("newer", FIRST_ROWS + 99, {"value": FIRST_ROWS + 99, "exact": False}),
        ("newer", 10_000, {"value": FIRST_ROWS + 100, "exact": True}),
        ("n31", 1000, {"value": 12, "exact": True}),
    ],
)
async def test_hits_beyond_the_recent_rows_are_counted(
    api: Api, search: str, up_to: int, counted: dict[str, object]
) -> None:
    owner, location = await bakery()
    oldest = await models.Customer.get(location_id=location.id, email="zoe_b@example.org")
    await execute(pool(WORK), FILLED, oldest.id, FIRST_ROWS + 100)
    document = """query ($search: String, $upTo: Int) { account {
      customers(search: $search, first: 1) { totalCount(upTo: $upTo) { value exact } } } }"""
    found = (await api.data(owner, document, search=search, upTo=up_to))["account"]["customers"]["totalCount"]
    assert found == counted


async def test_search_pages_continue_beyond_the_recent_rows(api: Api) -> None:
    owner, location = await bakery()
    oldest = await models.Customer.get(location_id=location.id, email="zoe_b@example.org")
    await execute(pool(WORK), FILLED, oldest.id, FIRST_ROWS + 100)
    await models.Customer.filter(location_id=location.id, email__in=["n5@example.org", "n3050@example.org"]).update(
        employee="Quirin"
    )
    await models.Customer.filter(id=oldest.id).update(employee="Quirin", invited_on=clock.now() - timedelta(days=900))
    page, seen = await table(api, owner, search="quirin", first=1), []
    while True:
        seen += [edge["node"]["id"] for edge in page["edges"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        page = await table(api, owner, search="quirin", first=1, after=page["pageInfo"]["endCursor"])
    assert len(set(seen)) == len(seen) == 3
    assert seen[-1] == ids.public_id(ids.CUSTOMER, oldest.id)


@pytest.mark.parametrize(
    ("person", "searches"),
    [
        ({"last_name": "Σίσυφος"}, ["ΣΊΣΥΦΟΣ", "σισυφος", "σισυφοσ", "συφος"]),
        ({"last_name": "Weißgerber"}, ["WEISSGERBER", "weißg", "weissg", "WEIẞ"]),
        ({"last_name": "Işık"}, ["IŞIK", "ışık", "isik"]),
        ({"last_name": "أَحْمَد"}, ["احمد", "أحـــمد", "حمد"]),
        ({"last_name": "שָׁלוֹם"}, ["שלום", "לום"]),
        ({"last_name": "Zoe\u0308"}, ["Zoë", "zoe", "ZOE\u0308"]),
        (
            {"email": "ann@xn--mller-kva.de"},
            ["müller.de", "MÜLLER", "mu\u0308ller", "@müll", "xn--mller-kva.de", "xn--mller", "muller.de"],
        ),
        ({"email": "ann@xn--e1afmkfd.xn--p1ai"}, ["пример.рф", "ПРИМЕР", "имер.р"]),
    ],
)
async def test_search_folds_case_and_marks_in_every_script(
    api: Api, person: dict[str, str], searches: list[str]
) -> None:
    account = await make.account()
    location = await make.location(account)
    await make.invited(location, make.person(first_name="Found", **person))
    await make.invited(location, make.person(first_name="Other", last_name="Meyer"))
    owner = await make.member(account)
    assert [await found(api, owner, search) for search in searches] == [["Found"]] * len(searches)
