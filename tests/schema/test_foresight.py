"""What is read together with the viewer is what would be read after it, whatever has changed since."""

from collections.abc import Awaitable, Callable

import pytest

import models
from benchmarks.operations import CLIENTS, DEEP, DETAIL, PAGE
from models.clock import clock
from models.commands import agency_clients
from models.connection import WORK, execute, pool, transaction
from models.reads import customer_search
from models.rules import ids
from models.rules.enums import AccountKind, Role
from resolvers import customers
from schema import foresight
from schema.plans import Plan
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
ROWS = """query Rows($id: ID, $first: Int = 2) { account(id: $id) {
  usage { totalInvited }
  customers(first: $first) {
    edges { cursor node { id email invitedOn location { name } invitation { state canStop { allowed code } } } }
    pageInfo { hasNextPage endCursor }
    totalCount { value exact }
  }
} }"""
SORTED = """query Sorted($id: ID, $search: String, $filter: CustomerFilter, $order: CustomerOrder) { account(id: $id) {
  customers(search: $search, filter: $filter, orderBy: $order) { edges { node { id firstName } } }
} }"""
PANEL = """query Panel($id: ID, $customer: ID!, $days: Int) { account(id: $id) {
  customer(id: $customer) {
    id location { name } linkedReview { id platform { key } } invitation { id messages { step state } }
    activityByDay(first: $days) { date events { kind occurredAt platform { key } } }
  }
} }"""
RUNS = 4
Change = Callable[[models.User, models.Location], Awaitable[None]]


def new(document: str) -> str:
    """A document that no other test has sent."""
    return f"{document} # {make.unique('document')}"


async def warm(api: Api, who: models.User, text: str, **variables: object) -> tuple[str, Json]:
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
@pytest.mark.parametrize("text", [CARDS, CUSTOMER, ROWS, PANEL], ids=["cards", "customer", "rows", "panel"])
async def test_a_change_between_two_requests_shows_in_the_second(api: Api, text: str, change: Change) -> None:
    here, who, keys = await world()
    document, _ = await warm(api, who, text, **keys)
    await change(who, here)
    assert await api.ask(who, document, **keys) == await api.ask(who, new(text), **keys)


async def count_statements(api: Api, read: list[str], who: models.User, text: str, **variables: object) -> int:
    """How many statements a planned query takes that is asked again."""
    document, last = await warm(api, who, text, **variables)
    read.clear()
    assert await api.ask(who, document, **variables) == last
    return len(read)


async def test_a_page_takes_one_statement(api: Api, statements_read: list[str]) -> None:
    _, who, keys = await world()
    assert await count_statements(api, statements_read, who, PAGE, id=keys["id"], first=2) == 1


async def test_a_page_takes_one_statement_with_other_variables_and_after_a_change_too(
    api: Api, statements_read: list[str]
) -> None:
    _, who, keys = await world()
    document, _ = await warm(api, who, ROWS.replace("totalCount { value exact }", ""), id=keys["id"], first=2)
    change = f"update membership set all_locations = false {OF_MEMBER}"
    for first, changes in ((1, False), (2, True)):
        if changes:
            await execute(pool(WORK), change, who.id)
            await api.ask(who, document, id=keys["id"], first=2)
        statements_read.clear()
        await api.ask(who, document, id=keys["id"], first=first)
        assert len(statements_read) == 1


async def test_what_is_foreseen_is_remembered_of_short_variables_alone(api: Api, statements_read: list[str]) -> None:
    _, who, keys = await world()
    text = """query Long($id: ID, $search: String) { account(id: $id) {
      usage { reserved } customers(search: $search) { edges { cursor } }
    } }"""
    before = len(foresight._remembered)
    await warm(api, who, text, id=keys["id"], search="." * 1_001)
    assert len(foresight._remembered) == before
    assert await count_statements(api, statements_read, who, text, id=keys["id"], search=None) == 1
    assert len(foresight._remembered) > before


@pytest.mark.parametrize(
    ("given", "number"),
    [
        ({"filter": {}, "order": {"field": "FIRST_NAME", "direction": "ASC"}}, 1),
        ({"filter": {"locationIds": None, "hasReview": None}}, 1),
        ({"filter": {"hasReview": False}}, 2),
        ({"filter": {"bulkImportId": "unknown"}}, 2),
        ({"search": "example"}, 4),
    ],
)
async def test_a_page_in_another_order_is_read_ahead_but_not_what_is_filtered_or_searched(
    api: Api, statements_read: list[str], given: Json, number: int
) -> None:
    _, who, keys = await world()
    assert await count_statements(api, statements_read, who, SORTED, id=keys["id"], **given) == number


@pytest.mark.parametrize("given", [{"search": "."}, {"filter": {"sources": ["somewhere"]}}])
async def test_statements_of_searches_and_filters_are_not_kept(api: Api, given: Json) -> None:
    """A member could make them as long as a request can be."""
    _, who, keys = await world()
    kept = [customer_search.page_statement, customers._kept_name]
    before = [one.cache_info().currsize for one in kept]
    await warm(api, who, SORTED, id=keys["id"], **given)
    assert [one.cache_info().currsize for one in kept] == before


async def test_a_plan_that_rests_reads_nothing_ahead(api: Api, statements_read: list[str], planned: list[Plan]) -> None:
    _, who, keys = await world()
    document, last = await warm(api, who, PAGE, id=keys["id"], first=2)
    planned[-1].credit = -5
    statements_read.clear()
    assert await api.ask(who, document, id=keys["id"], first=2) == last
    assert not any("full join" in one for one in statements_read)


async def test_one_customer_in_detail_takes_two_statements(api: Api, statements_read: list[str]) -> None:
    _, who, keys = await world()
    names = {"account": keys["id"], "customer": keys["customer"]}
    assert await count_statements(api, statements_read, who, DETAIL, **names) == 2


async def test_an_agencys_page_takes_two_statements(api: Api, statements_read: list[str]) -> None:
    agency, who = await agency_of(clients=3)
    key = ids.public_id(ids.AGENCY, agency.id)
    assert await count_statements(api, statements_read, who, CLIENTS, id=key, first=2) == 2


@pytest.mark.parametrize("field", ["NAME", "INVITED_THIS_CYCLE"])
async def test_an_agencys_page_in_any_order_takes_as_many(api: Api, statements_read: list[str], field: str) -> None:
    agency, who = await agency_of(clients=3)
    text = CLIENTS.replace("$first: Int!", "$first: Int!, $order: AgencyClientOrder")
    text = text.replace("first: $first", "first: $first, orderBy: $order")
    names = {"id": ids.public_id(ids.AGENCY, agency.id), "first": 2, "order": {"field": field, "direction": "DESC"}}
    assert await count_statements(api, statements_read, who, text, **names) == 2


async def test_another_tenants_customer_that_is_read_ahead_is_not_shown(api: Api) -> None:
    (_, who, keys), (_, other, of_other) = await world(), await world()
    document, last = await warm(api, who, CUSTOMER, **keys)
    assert last["data"]["account"]["customer"]
    found = await api.ask(who, document, **keys | {"customer": of_other["customer"]})
    assert found["data"] == {"account": {"customer": None}}
    assert (await api.ask(other, document, **of_other))["data"]["account"]["customer"]
    assert (await api.ask(other, document, **keys))["data"] == {"account": None}


async def test_a_cursor_continues_when_a_location_was_assigned_again(api: Api) -> None:
    here, who, keys = await world(all_locations=False)
    await make.assign(who, *await models.Location.filter(account_id=here.account_id))
    document, page = await warm(api, who, DEEP.replace("$after: String!", "$after: String"), id=keys["id"], first=1)
    await execute(pool(WORK), "delete from membership_location where location_id = $1", here.id)
    await make.assign(who, await models.Location.get(id=here.id))
    cursor = page["data"]["account"]["customers"]["pageInfo"]["endCursor"]
    following = await api.ask(who, document, id=keys["id"], first=1, after=cursor)
    assert len(following["data"]["account"]["customers"]["edges"]) == 1


async def test_a_customer_at_a_location_that_the_member_cannot_see_is_not_shown(api: Api) -> None:
    here, who, keys = await world(all_locations=False)
    await make.assign(who, await models.Location.get(id=here.id))
    hidden = await models.Customer.exclude(location_id=here.id).filter(account_id=here.account_id).first()
    assert hidden
    document, last = await warm(api, who, CUSTOMER, **keys)
    assert last["data"]["account"]["customer"]
    found = await api.ask(who, document, **keys | {"customer": ids.public_id(ids.CUSTOMER, hidden.id)})
    assert found["data"] == {"account": {"customer": None}}


async def test_cards_are_those_of_the_account_that_is_asked_for(api: Api) -> None:
    _, who, keys = await world()
    second = await make.account()
    await models.Membership.create(account_id=second.id, user_id=who.id, role=Role.OWNER, created_at=clock.now())
    of_second = {"id": ids.public_id(ids.ACCOUNT, second.id)}
    document, first = await warm(api, who, CARDS, **keys)
    assert first["data"]["account"]["usage"]["totalInvited"] == 3
    for variables in (of_second, {}, keys, {"id": "acc_unknown"}):
        assert await api.ask(who, document, **variables) == await api.ask(who, new(CARDS), **variables)


async def agency_of(clients: int) -> tuple[models.Account, models.User]:
    """An agency with clients, and a member of it."""
    agency = await make.account(kind=AccountKind.AGENCY)
    made = [await make.account(kind=AccountKind.AGENCY_CLIENT, agency_id=agency.id) for _ in range(clients)]
    async with transaction(WORK) as tx:
        await agency_clients.refresh(tx, [client.id for client in made], clock.now())
    return agency, await make.member(agency, Role.MANAGER)


async def test_an_agencys_page_has_only_clients_that_are_still_assigned(api: Api) -> None:
    agency, who = await agency_of(clients=3)
    names = {"id": ids.public_id(ids.AGENCY, agency.id), "first": 5}
    document, last = await warm(api, who, CLIENTS, **names)
    assert len(last["data"]["agency"]["clients"]["edges"]) == 3
    await execute(pool(WORK), f"update membership set all_clients = false {OF_MEMBER}", who.id)
    client = await models.Account.filter(agency_id=agency.id).first()
    assert client
    await make.assign_clients(who, client)
    found = await api.ask(who, document, **names)
    assert len(found["data"]["agency"]["clients"]["edges"]) == 1
    assert found == await api.ask(who, new(CLIENTS), **names)


async def test_pages_follow_each_other_to_the_end_and_back(api: Api) -> None:
    here, who, keys = await world()
    for _ in range(4):
        await invite(who, here)
    text = PAGE.replace("$first: Int!", "$first: Int, $after: String, $last: Int, $before: String")
    text = text.replace("first: $first", "first: $first, after: $after, last: $last, before: $before")
    document, page = await warm(api, who, text, id=keys["id"], first=3)
    for following in ("after", "after", "before", "before"):
        shown = page["data"]["account"]["customers"]["pageInfo"]
        cursor = shown["endCursor" if following == "after" else "startCursor"]
        names = {"id": keys["id"], following: cursor, "first" if following == "after" else "last": 3}
        page = await api.ask(who, document, **names)
        assert page == await api.ask(who, new(text), **names)
        assert page["data"]["account"]["customers"]["edges"]


async def test_arguments_that_contradict_each_other_are_refused_where_they_are(api: Api) -> None:
    _, who, keys = await world()
    document, _ = await warm(api, who, ROWS, id=keys["id"])
    refused = await api.ask(who, document, id=keys["id"], first=101)
    assert refused == await api.ask(who, new(ROWS), id=keys["id"], first=101)
    assert refused["errors"][0]["path"] == ["account", "customers"]


async def test_aliases_of_a_field_are_each_answered(api: Api) -> None:
    _, who, keys = await world()
    rows = "customers(first: {number}) {{ edges {{ node {{ id }} }} pageInfo {{ hasNextPage }} }}"
    aliases = " ".join(f"a{number}: {rows.format(number=number)}" for number in range(1, 6))
    text = f"query Many($id: ID) {{ account(id: $id) {{ {aliases} }} }}"
    document, last = await warm(api, who, text, **keys)
    assert [len(one["edges"]) for one in last["data"]["account"].values()] == [1, 2, 3, 3, 3]
    assert await api.ask(who, document, **keys) == last


async def test_two_customers_are_each_shown_with_their_own(api: Api) -> None:
    here, who, keys = await world()
    await invite(who, here)
    first, *_, last = await models.Customer.filter(account_id=here.account_id).order_by("id")
    text = """query Two($id: ID, $one: ID!, $other: ID!) { account(id: $id) {
      customer(id: $one) { id email } other: customer(id: $other) { id email }
    } }"""
    one, other = (ids.public_id(ids.CUSTOMER, customer.id) for customer in (first, last))
    document, found = await warm(api, who, text, id=keys["id"], one=one, other=other)
    assert (await api.ask(who, document, id=keys["id"], one=other, other=one))["data"]["account"] == {
        "customer": found["data"]["account"]["other"],
        "other": found["data"]["account"]["customer"],
    }


async def test_a_customers_review_and_events_are_each_shown_with_their_platform(api: Api) -> None:
    here, who, keys = await world()
    await make.linked_review(here)
    _, last = await warm(api, who, PANEL, **keys)
    assert last["data"]["account"]["customer"]["linkedReview"]["platform"]
    assert last == await api.ask(who, new(PANEL), **keys)


async def test_cards_of_a_client_are_those_of_the_client(api: Api) -> None:
    agency = await make.account(kind=AccountKind.AGENCY)
    client = await make.account(agency_id=agency.id)
    await make.sent(await make.invited(await make.location(client)))
    who = await make.member(agency)
    _, last = await warm(api, who, CARDS, id=ids.public_id(ids.ACCOUNT, client.id))
    assert last["data"]["account"]["usage"]["totalInvited"] == 1
