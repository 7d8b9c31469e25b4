"""The customer table: its pages, scope and number of statements."""

from datetime import timedelta
from typing import Any

import pytest

import models
from models.clock import clock
from models.connection import WORK, execute, pool
from models.rules import ids
from models.rules.enums import Role
from resolvers.context import Context, Identity, Shared
from resolvers.cursors import CursorBox
from resolvers.live import Live
from schema import root
from tests import factories as make
from tests.gateway import Api, Json

PAGE = """query ($order: CustomerOrder, $first: Int, $after: String, $last: Int, $before: String, $search: String,
    $filter: CustomerFilter) { account { customers(orderBy: $order, first: $first, after: $after, last: $last,
    before: $before, search: $search, filter: $filter) { edges { cursor node { id firstName location { id } } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount { value exact } } } }"""
WHOLE = """{ account { name plan can { bulkImport { allowed reason } }
    usage { totalInvited allowance reserved remaining invitedThisCycle resetsOn buyMoreUrl }
    customers(first: 25) { pageInfo { hasNextPage endCursor } edges { cursor node {
      id firstName lastName email phone source invitedOn npsScore rating location { id name }
      invitation { id state stateReason nextMessageAt canStop { allowed code } canRestart { allowed } }
      linkedReview { reviewerName rating sentiment platform { name } } } } } } }"""
ORDERS = [
    {"field": field, "direction": direction}
    for field in ("INVITED_ON", "FIRST_NAME", "LAST_NAME", "NPS_SCORE", "RATING")
    for direction in ("ASC", "DESC")
]


async def table(api: Api, who: models.User, **given: object) -> Json:
    found: Json = (await api.data(who, PAGE, **given))["account"]["customers"]
    return found


async def bakery(*names: str, **given: Any) -> tuple[models.User, models.Location]:
    """A business with one customer per name; every second one has a score."""
    account = await make.account()
    location = await make.location(account)
    for number, name in enumerate(names):
        key = await make.invited(location, make.person(first_name=name, last_name="X"), **given)
        await execute(
            pool(WORK),
            "update customer c set nps_score = $2, rating = $3, invited_on = $4 from invitation i "
            "where i.customer_id = c.id and i.id = $1",
            key,
            number % 5 if number % 2 else None,
            float(number % 3) if number % 3 else None,
            clock.now() - timedelta(hours=number // 2),
        )
    return await make.member(account), location


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: "-".join(order.values()))
async def test_pages_in_both_directions_cover_every_customer_once(api: Api, order: Json) -> None:
    owner, _ = await bakery("Ann", "Ben", "Ann", "Cem", "Åse", "Dan", "Ben")
    whole = [edge["node"]["id"] for edge in (await table(api, owner, order=order))["edges"]]
    assert len(set(whole)) == 7
    forward: list[str] = []
    page: Json = {"pageInfo": {"hasNextPage": True, "endCursor": None}}
    while page["pageInfo"]["hasNextPage"]:
        page = await table(api, owner, order=order, first=3, after=page["pageInfo"]["endCursor"])
        forward += [edge["node"]["id"] for edge in page["edges"]]
    assert forward == whole
    backward: list[str] = []
    page = {"pageInfo": {"hasPreviousPage": True, "startCursor": None}}
    while page["pageInfo"]["hasPreviousPage"]:
        page = await table(api, owner, order=order, last=3, before=page["pageInfo"]["startCursor"])
        backward = [edge["node"]["id"] for edge in page["edges"]] + backward
    assert backward == whole


@pytest.mark.parametrize(("first", "more"), [(1, True), (2, False), (3, False)])
async def test_page_reports_whether_there_is_another_one(api: Api, first: int, more: bool) -> None:
    owner, _ = await bakery("Ann", "Ben")
    assert (await table(api, owner, first=first))["pageInfo"]["hasNextPage"] is more
    assert (await table(api, owner, last=first))["pageInfo"]["hasPreviousPage"] is more
    assert (await table(api, owner, first=first, search="@example"))["pageInfo"]["hasNextPage"] is more


async def test_customers_without_a_score_come_last(api: Api) -> None:
    owner, _ = await bakery("Ann", "Ben", "Cem")
    for direction in ("ASC", "DESC"):
        found = await table(api, owner, order={"field": "NPS_SCORE", "direction": direction})
        assert found["edges"][0]["node"]["firstName"] == "Ben"


async def test_cursor_of_another_order_search_or_filter_is_refused(api: Api) -> None:
    owner, _ = await bakery("Ann", "Ben")
    cursor = (await table(api, owner))["edges"][0]["cursor"]
    for given in ({"order": ORDERS[2]}, {"search": "annabel"}, {"filter": {"hasReview": False}}):
        answer = await api.ask(owner, PAGE, after=cursor, **given)
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]


async def test_cursor_of_another_account_is_refused(api: Api) -> None:
    owner, _ = await bakery("Ann", "Ben")
    stranger, _ = await bakery("Zoe")
    cursor = (await table(api, owner))["edges"][0]["cursor"]
    answer = await api.ask(stranger, PAGE, after=cursor)
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_member_of_one_location_sees_no_customers_of_another(api: Api) -> None:
    account = await make.account()
    here, there = await make.location(account), await make.location(account)
    await make.invited(here, make.person(first_name="Here"))
    await make.invited(there, make.person(first_name="There"))
    manager = await make.member(account, Role.MANAGER, all_locations=False)
    await make.assign(manager, here)
    everybody = await table(api, manager)
    assert [edge["node"]["firstName"] for edge in everybody["edges"]] == ["Here"]
    assert everybody["totalCount"] == {"value": 1, "exact": True}
    elsewhere = await table(api, manager, filter={"locationIds": [ids.public_id(ids.LOCATION, there.id)]})
    assert elsewhere["edges"] == []


async def test_search_matches_parts_of_names_and_ignores_short_terms(api: Api) -> None:
    owner, _ = await bakery("Annabel", "Benjamin", "Zoë")
    names = [edge["node"]["firstName"] for edge in (await table(api, owner, search="NABE"))["edges"]]
    assert names == ["Annabel"]
    assert [edge["node"]["firstName"] for edge in (await table(api, owner, search="zoe"))["edges"]] == ["Zoë"]
    assert len((await table(api, owner, search="an"))["edges"]) == 3


async def test_total_count_stops_at_its_limit(api: Api) -> None:
    owner, _ = await bakery("Ann", "Ben", "Cem")
    document = "query ($upTo: Int) { account { customers(first: 1) { totalCount(upTo: $upTo) { value exact } } } }"
    counted = await api.data(owner, document, upTo=2)
    assert counted["account"]["customers"]["totalCount"] == {"value": 2, "exact": False}
    assert "errors" in await api.ask(owner, document, upTo=10_001)


async def test_page_with_usage_takes_two_statements_plus_one_for_the_viewer(db: str) -> None:
    owner, _ = await bakery(*["Ann"] * 30)
    shared = Shared(CursorBox(("a secret",)), Live(db))
    context = Context(shared, Identity(owner.issuer, owner.subject, None, clock.now() + timedelta(hours=1)))
    await context.viewer()  # as the gateway does before execution
    answer = await root.build().execute(WHOLE, context_value=context)
    assert answer.errors is None
    assert context.reads.statements == 3


async def test_timelines_and_messages_of_a_page_take_one_statement_each(db: str) -> None:
    owner, _ = await bakery(*["Ann"] * 10)
    shared = Shared(CursorBox(("a secret",)), Live(db))
    context = Context(shared, Identity(owner.issuer, owner.subject, None, clock.now() + timedelta(hours=1)))
    document = """{ account { customers { edges { node { activity(first: 3) { edges { node { kind } } totalCount }
      activityByDay { date events { kind } } invitations { edges { node { state } } totalCount }
      location { platforms { key } } invitation { messages { step dueAt } customer { id } } } } } } }"""
    answer = await root.build().execute(document, context_value=context)
    assert answer.errors is None
    assert context.reads.statements == 10


async def test_an_internationalized_address_is_shown_as_it_was_typed_and_stored_in_ascii(api: Api) -> None:
    account = await make.account()
    stored = "anna@xn--bcher-kva.example"
    key = (
        await models.Invitation.get(id=await make.invited(await make.location(account), make.person(email=stored)))
    ).customer_id
    detail = "query ($id: ID!) { node(id: $id) { ... on Customer { email } } }"
    owner = await make.member(account)
    assert (await api.data(owner, detail, id=ids.public_id(ids.CUSTOMER, key)))["node"][
        "email"
    ] == "anna@bücher.example"
    (edge,) = (await api.data(owner, WHOLE))["account"]["customers"]["edges"]
    assert edge["node"]["email"] == "anna@bücher.example"
    assert (await models.Customer.get(id=key)).email == stored
