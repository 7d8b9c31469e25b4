"""What is read together with the viewer is what would be read after it, whatever has changed since."""

from collections.abc import Awaitable, Callable

import pytest

import models
from benchmarks.operations import DETAIL, PAGE
from models.clock import clock
from models.connection import WORK, execute, pool
from models.rules import ids
from models.rules.enums import AccountKind, Role
from tests import factories as make
from tests.gateway import Api, Json

CARDS = """query Cards($id: ID, $here: ID) { account(id: $id) {
  name timeZone plan
  usage { totalInvited allowance reserved remaining invitedThisCycle cycleStartsOn resetsOn }
  here: usage(locationId: $here) { invitedThisCycle locationAllowance }
} }"""
CUSTOMER = """query One($id: ID, $customer: ID!) { account(id: $id) {
  customer(id: $customer) { id email location { name } invitation { state canRestart { allowed code } } }
} }"""
RUNS = 4
Change = Callable[[models.User, models.Location], Awaitable[None]]


def new(document: str) -> str:
    """A document that no other test has sent."""
    return f"{document} # {make.unique('document')}"


async def planned(api: Api, who: models.User, text: str, **variables: object) -> tuple[str, Json]:
    """A document that has a plan, and its last answer."""
    document = new(text)
    *_, last = [await api.ask(who, document, **variables) for _ in range(RUNS)]
    assert "errors" not in last
    return document, last


def _change(text: str) -> Change:
    async def change(who: models.User, where: models.Location) -> None:
        given = [one for name, one in (("$1", who.id), ("$2", where.account_id)) if name in text]
        await execute(pool(WORK), text if "$1" in text else text.replace("$2", "$1"), *given)

    change.__name__ = text.split(" where")[0]
    return change


async def invite(_who: models.User, where: models.Location) -> None:
    await make.sent(await make.invited(where))


OF_MEMBER = "where user_id = $1"
CHANGES = [
    invite,
    _change(f"update membership set role = 'VIEWER' {OF_MEMBER}"),
    _change(f"update membership set all_locations = false {OF_MEMBER}"),
    _change(f"delete from membership {OF_MEMBER}"),
    _change("delete from app_user where id = $1"),
    _change("update account set time_zone = 'Pacific/Kiritimati' where id = $2"),
    _change("update account set anchor_day = 17 where id = $2"),
    _change("update account set plan = 'STARTER' where id = $2"),
    _change("update account set name = 'Renamed' where id = $2"),
]


async def world(**given: object) -> tuple[models.Location, models.User, dict[str, str]]:
    """A location, a member, and the variables of the documents."""
    account = await make.account()
    here, there = await make.location(account, allowance=50), await make.location(account)
    for place in (here, there, here):
        await make.sent(await make.invited(place))
    customer = await models.Customer.filter(location_id=here.id).first()
    assert customer
    who = await make.member(account, Role.MANAGER, **given)
    keys = {"id": ids.public_id(ids.ACCOUNT, account.id), "customer": ids.public_id(ids.CUSTOMER, customer.id)}
    return here, who, keys | {"here": ids.public_id(ids.LOCATION, here.id)}


@pytest.mark.parametrize("change", CHANGES, ids=lambda one: one.__name__)
@pytest.mark.parametrize("text", [CARDS, CUSTOMER], ids=["cards", "customer"])
async def test_a_change_between_two_requests_shows_in_the_second(api: Api, text: str, change: Change) -> None:
    here, who, keys = await world()
    document, _ = await planned(api, who, text, **keys)
    await change(who, here)
    assert await api.ask(who, document, **keys) == await api.ask(who, new(text), **keys)


async def test_a_page_takes_two_statements_and_the_detail_three(api: Api, statements_read: list[str]) -> None:
    _, who, keys = await world()
    for text, number in ((PAGE, 2), (DETAIL, 3)):
        names = (
            {"id": keys["id"], "first": 2} if text is PAGE else {"account": keys["id"], "customer": keys["customer"]}
        )
        document, last = await planned(api, who, text, **names)
        statements_read.clear()
        assert await api.ask(who, document, **names) == last
        assert len(statements_read) == number


async def test_another_tenants_customer_that_is_read_ahead_is_not_shown(api: Api) -> None:
    (_, who, keys), (_, other, of_other) = await world(), await world()
    document, last = await planned(api, who, CUSTOMER, **keys)
    assert last["data"]["account"]["customer"]
    found = await api.ask(who, document, **keys | {"customer": of_other["customer"]})
    assert found["data"] == {"account": {"customer": None}}
    assert (await api.ask(other, document, **of_other))["data"]["account"]["customer"]
    assert (await api.ask(other, document, **keys))["data"] == {"account": None}


async def test_a_customer_at_a_location_that_the_member_cannot_see_is_not_shown(api: Api) -> None:
    here, who, keys = await world(all_locations=False)
    await make.assign(who, await models.Location.get(id=here.id))
    hidden = await models.Customer.exclude(location_id=here.id).filter(account_id=here.account_id).first()
    assert hidden
    document, last = await planned(api, who, CUSTOMER, **keys)
    assert last["data"]["account"]["customer"]
    found = await api.ask(who, document, **keys | {"customer": ids.public_id(ids.CUSTOMER, hidden.id)})
    assert found["data"] == {"account": {"customer": None}}


async def test_cards_are_those_of_the_account_that_is_asked_for(api: Api) -> None:
    _, who, keys = await world()
    second = await make.account()
    await models.Membership.create(account_id=second.id, user_id=who.id, role=Role.OWNER, created_at=clock.now())
    of_second = {"id": ids.public_id(ids.ACCOUNT, second.id)}
    document, first = await planned(api, who, CARDS, **keys)
    assert first["data"]["account"]["usage"]["totalInvited"] == 3
    for variables in (of_second, {}, keys, {"id": "acc_unknown"}):
        assert await api.ask(who, document, **variables) == await api.ask(who, new(CARDS), **variables)


async def test_cards_of_a_client_are_those_of_the_client(api: Api) -> None:
    agency = await make.account(kind=AccountKind.AGENCY)
    client = await make.account(agency_id=agency.id)
    await make.sent(await make.invited(await make.location(client)))
    who = await make.member(agency)
    _, last = await planned(api, who, CARDS, id=ids.public_id(ids.ACCOUNT, client.id))
    assert last["data"]["account"]["usage"]["totalInvited"] == 1
