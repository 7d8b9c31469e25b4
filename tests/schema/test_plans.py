"""Queries that are executed again over HTTP are answered by their plan, as before."""

from types import SimpleNamespace
from typing import Any

import pytest

import models
from models.connection import WORK, execute, pool
from models.rules import ids
from models.rules.enums import Role
from schema import compiled, pace
from schema.compiled import MAX_CHOICES, Doubt
from schema.plans import MOST_DOUBTS, RUNS_PER_DOUBT, Plan
from tests import factories as make
from tests.gateway import Api, Json

PAGE = """query Page($id: ID!, $first: Int!, $emails: Boolean = true) {
  account(id: $id) {
    id name usage { invitedThisCycle }
    customers(first: $first) {
      edges { cursor node { __typename id email @include(if: $emails) invitation { id state canStop { allowed } } } }
      pageInfo { hasNextPage }
    }
  }
}"""
DETAIL = """query Detail($id: ID!) {
  node(id: $id) {
    __typename id
    ... on Customer { email activity(first: 5) { edges { node { kind } } } invitations { edges { node { messages { step } } } } }
    ... on Location { name platforms { key } }
  }
}"""
SUPPRESSED = "query Suppressed($id: ID!) { account(id: $id) { id suppressions(first: 1) { edges { node { id } } } } }"
RUNS = 5


def new(document: str) -> str:
    """A document that no other test has sent."""
    return f"{document} # {make.unique('document')}"


async def world() -> tuple[models.Location, models.User]:
    location = await make.location(await make.account())
    for _ in range(3):
        await make.invited(location)
    return location, await make.member(await models.Account.get(id=location.account_id))


async def answers(api: Api, who: models.User, document: str, **variables: object) -> list[Json]:
    return [await api.ask(who, document, **variables) for _ in range(RUNS)]


async def test_a_page_is_planned_when_it_is_asked_for_again(api: Api, planned: list[Plan]) -> None:
    document = new(PAGE)
    location, who = await world()
    key = ids.public_id(ids.ACCOUNT, location.account_id)
    first, *others = await answers(api, who, document, id=key, first=2)
    assert len(first["data"]["account"]["customers"]["edges"]) == 2
    assert [*first["data"]["account"]] == ["id", "name", "usage", "customers"]
    assert all(one == first for one in others)
    (plan,) = planned
    assert (plan.runs, plan.doubts) == (RUNS - 2, 0)


async def test_each_choice_of_booleans_has_its_plan(api: Api, planned: list[Plan]) -> None:
    document = new(PAGE)
    location, who = await world()
    key = ids.public_id(ids.ACCOUNT, location.account_id)
    await answers(api, who, document, id=key, first=2)
    (first, *_), (second, *_) = [
        await answers(api, who, document, id=key, first=1, emails=emails) for emails in (True, False)
    ]
    assert "email" in first["data"]["account"]["customers"]["edges"][0]["node"]
    assert "email" not in second["data"]["account"]["customers"]["edges"][0]["node"]
    assert len(planned) == 2


async def test_objects_of_several_types_are_planned_by_their_own(api: Api, planned: list[Plan]) -> None:
    document = new(DETAIL)
    location, who = await world()
    customer = await models.Customer.filter(location_id=location.id).first()
    assert customer
    keys = [ids.public_id(ids.CUSTOMER, customer.id), ids.public_id(ids.LOCATION, location.id)]
    for key in keys * 2:
        first, *others = await answers(api, who, document, id=key)
        assert first["data"]["node"]["id"] == key
        assert all(one == first for one in others)
    assert [plan.doubts for plan in planned] == [0]


async def test_an_error_is_reported_as_without_a_plan_until_the_plan_is_given_up(api: Api, planned: list[Plan]) -> None:
    document = new("query Refused($id: ID!) { account(id: $id) { customers(first: 1000) { edges { node { id } } } } }")
    location, who = await world()
    key = ids.public_id(ids.ACCOUNT, location.account_id)
    refusals = [await api.ask(who, document, id=key) for _ in range(MOST_DOUBTS + 10)]
    assert all(one == refusals[0] for one in refusals)
    assert refusals[0]["errors"][0]["path"] == ["account", "customers"]
    assert [plan.doubts for plan in planned] == [MOST_DOUBTS + 1]


async def test_a_role_that_is_taken_away_between_two_requests_is_gone_in_the_second(
    api: Api, planned: list[Plan]
) -> None:
    document = new(SUPPRESSED)
    location, who = await world()
    key = ids.public_id(ids.ACCOUNT, location.account_id)
    assert all("errors" not in one for one in await answers(api, who, document, id=key))
    await execute(pool(WORK), "update membership set role = 'VIEWER' where user_id = $1", who.id)
    denied = await api.ask(who, document, id=key)
    assert [one["extensions"]["code"] for one in denied["errors"]] == ["FORBIDDEN"]
    await execute(pool(WORK), "delete from membership where user_id = $1", who.id)
    assert (await api.ask(who, document, id=key))["data"] == {"account": None}
    assert planned[0].runs >= RUNS


async def test_another_member_has_their_own_answer_by_the_same_plan(api: Api, planned: list[Plan]) -> None:
    document = new(PAGE)
    location, owner = await world()
    account = await models.Account.get(id=location.account_id)
    key = ids.public_id(ids.ACCOUNT, location.account_id)
    allowed = await answers(api, owner, document, id=key, first=1)
    viewer = await make.member(account, Role.VIEWER)
    stranger = await make.member(await make.account())
    seen = [(await api.ask(one, document, id=key, first=1))["data"]["account"] for one in (viewer, stranger)]
    node = [
        one["customers"]["edges"][0]["node"]["invitation"]["canStop"]
        for one in (allowed[-1]["data"]["account"], seen[0])
    ]
    assert [one["allowed"] for one in node] == [True, False]
    assert seen[1] is None
    assert len(planned) == 1


async def test_a_planned_query_is_still_limited(api: Api, planned: list[Plan]) -> None:
    location, who = await world()
    key = ids.public_id(ids.ACCOUNT, location.account_id)
    document = """query Deep($id: ID!, $n: Int!) {
      account(id: $id) { customers(first: $n) { edges { node { invitations(first: $n) { edges { node {
        activity(first: $n) { edges { node { id kind } } } } } } } } } } }"""
    assert all("errors" not in one for one in await answers(api, who, document, id=key, n=2))
    refused = await api.ask(who, document, id=key, n=100)
    assert [one["extensions"]["code"] for one in refused["errors"]] == ["QUERY_TOO_COSTLY"]
    assert len(planned) == 1


async def doubtful(_root: object, _run: Any) -> dict[str, Any]:
    raise Doubt


async def test_a_plan_that_always_doubts_is_used_for_few_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = Plan(doubtful, 1)
    for _ in range(100):
        if plan.is_useful():
            assert await plan.answer(SimpleNamespace(root_value=None)) is None  # type: ignore[arg-type]
    assert plan.doubts <= MOST_DOUBTS + 1 + 100 // RUNS_PER_DOUBT


async def test_a_plan_that_has_rested_is_used_again() -> None:
    plan = Plan(doubtful, 1)
    while plan.is_useful():
        await plan.answer(SimpleNamespace(root_value=None))  # type: ignore[arg-type]
    assert any(plan.is_useful() for _ in range(RUNS_PER_DOUBT))


async def test_documents_are_planned_for_few_choices_of_booleans(api: Api, planned: list[Plan]) -> None:
    names = [f"b{number}" for number in range(6)]
    declared = ", ".join(f"${name}: Boolean!" for name in names)
    fields = " ".join(f"{name}: name @include(if: ${name})" for name in names)
    document = new(f"query Chosen($id: ID!, {declared}) {{ account(id: $id) {{ id {fields} }} }}")
    location, who = await world()
    key = ids.public_id(ids.ACCOUNT, location.account_id)
    for choice in range(2 * MAX_CHOICES):
        given = {name: bool(choice >> number & 1) for number, name in enumerate(names)}
        found = await api.data(who, document, id=key, **given)
        assert {*found["account"]} == {"id"} | {name for name, chosen in given.items() if chosen}
    assert 0 < len(planned) <= MAX_CHOICES


async def test_what_is_planned_for_the_types_of_an_interface_is_counted(api: Api, planned: list[Plan]) -> None:
    location, who = await world()
    names = " ".join(f"n{number}: name" for number in range(50))
    document = new(f"query Many($id: ID!) {{ node(id: $id) {{ ... on Location {{ {names} platforms {{ key }} }} }} }}")
    before = compiled.library.size
    await answers(api, who, document, id=ids.public_id(ids.LOCATION, location.id))
    assert compiled.library.size >= before + 50 > before + planned[0].size


async def test_more_than_an_operation_may_complete_at_once_is_left_to_the_executor(
    api: Api, planned: list[Plan], monkeypatch: pytest.MonkeyPatch
) -> None:
    document = new(PAGE)
    location, who = await world()
    key = ids.public_id(ids.ACCOUNT, location.account_id)
    first = await api.ask(who, document, id=key, first=2)
    monkeypatch.setattr(pace, "FIRST_FIELDS", 0)
    assert all(one == first for one in await answers(api, who, document, id=key, first=2))
    (plan,) = planned
    assert plan.doubts == plan.runs > 0


async def test_plans_count_towards_what_is_kept(api: Api, planned: list[Plan]) -> None:
    location, who = await world()
    before = compiled.library.size
    await answers(
        api,
        who,
        new("query Named($id: ID!) { account(id: $id) { name } }"),
        id=ids.public_id(ids.ACCOUNT, location.account_id),
    )
    assert compiled.library.size >= before + planned[0].size > before


async def test_a_planned_page_reads_only_what_it_shows(
    api: Api, planned: list[Plan], statements_read: list[str]
) -> None:
    document = new("query Emails($id: ID!) { account(id: $id) { customers { edges { node { email } } } } }")
    location, who = await world()
    key = ids.public_id(ids.ACCOUNT, location.account_id)
    first, *others = await answers(api, who, document, id=key)
    assert all(one == first for one in others)
    (plan,) = planned
    assert (plan.runs, plan.doubts) == (RUNS - 2, 0)
    assert "join invitation" in statements_read[1]
    assert "join invitation" not in statements_read[-1]
    assert "c_phone" not in statements_read[-1]


@pytest.mark.parametrize("also", ["", "nextMessageAt"])
@pytest.mark.parametrize("search", ["", '(search: "example")'])
async def test_a_planned_page_shows_what_is_held(api: Api, planned: list[Plan], also: str, search: str) -> None:
    nodes = f"edges {{ node {{ invitation {{ state stateReason {also} }} }} }}"
    document = new(f"query Held($id: ID!) {{ account(id: $id) {{ customers{search} {{ {nodes} }} }} }}")
    location, who = await world()
    key = ids.public_id(ids.ACCOUNT, location.account_id)
    *_, open_ = await answers(api, who, document, id=key)
    flag = "update lane set flag = 'TRANSPORT_QUIET', flagged_at = now() where location_id = $1"
    await execute(pool(WORK), flag, location.id)
    held = await api.ask(who, document, id=key)
    shown = [
        [edge["node"]["invitation"] for edge in one["data"]["account"]["customers"]["edges"]] for one in (open_, held)
    ]
    assert [{(one["state"], one["stateReason"]) for one in rows} for rows in shown] == [
        {("QUEUED", None)},
        {("HELD", "TRANSPORT_QUIET")},
    ]
    assert [plan.doubts for plan in planned] == [0]


async def test_the_rows_of_a_planned_page_load_together(
    api: Api, planned: list[Plan], statements_read: list[str]
) -> None:
    document = new(
        "query All($id: ID!) { account(id: $id) { customers { edges { node { activityByDay { date } } } } } }"
    )
    location, who = await world()
    key = ids.public_id(ids.ACCOUNT, location.account_id)
    first, *others = await answers(api, who, document, id=key)
    assert all(one == first for one in others)
    assert not planned[0].loads_alone
    statements_read.clear()
    await api.ask(who, document, id=key)
    assert sum("dense_rank" in sql for sql in statements_read) == 1


async def test_one_object_loads_alone(api: Api, planned: list[Plan]) -> None:
    document = new("query One($id: ID!) { account(id: $id) { name funnel { delivered } usage { invitedThisCycle } } }")
    location, who = await world()
    first, *others = await answers(api, who, document, id=ids.public_id(ids.ACCOUNT, location.account_id))
    assert all(one == first for one in others)
    assert planned[0].loads_alone


async def test_a_page_whose_rows_have_resolvers_reads_everything(api: Api, planned: list[Plan]) -> None:
    document = new(
        "query Days($id: ID!) { account(id: $id) { customers { edges { node { source invitation { bulkImport { id } } } } } } }"
    )
    location, who = await world()
    first, *others = await answers(api, who, document, id=ids.public_id(ids.ACCOUNT, location.account_id))
    assert all(one == first for one in others)
    assert [plan.doubts for plan in planned] == [0]


async def test_a_planned_page_with_a_count_reads_what_it_shows(api: Api, planned: list[Plan]) -> None:
    page = "customers { totalCount { value } edges { node { phone location { name } } } }"
    document = new(f"query Counted($id: ID!) {{ account(id: $id) {{ {page} }} }}")
    location, who = await world()
    first, *others = await answers(api, who, document, id=ids.public_id(ids.ACCOUNT, location.account_id))
    assert all(one == first for one in others)
    assert [plan.doubts for plan in planned] == [0]


async def test_an_answer_by_a_plan_is_refused_when_it_is_too_large(api: Api, planned: list[Plan]) -> None:
    texts = " ".join(f"t{number}: linkedReview {{ text }}" for number in range(30))
    document = new(f"query Long($id: ID!) {{ account(id: $id) {{ customers {{ edges {{ node {{ {texts} }} }} }} }} }}")
    location, who = await world()
    review = await make.linked_review(location, text="x" * 90_000)
    found = await answers(api, who, document, id=ids.public_id(ids.ACCOUNT, location.account_id))
    assert "errors" not in found[0]
    await models.Review.filter(id=review.id).update(text="x" * 120_000)
    refused = await api.ask(who, document, id=ids.public_id(ids.ACCOUNT, location.account_id))
    assert refused["errors"][0]["extensions"]["code"] == "QUERY_TOO_COSTLY"
    assert [plan.doubts for plan in planned] == [0]
