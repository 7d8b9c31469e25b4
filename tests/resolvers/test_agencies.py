"""An agency's board: its clients in any order with usage and funnel, the totals, and the number of statements."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import models
from models.clock import clock
from models.commands import agency_clients, answers
from models.connection import WORK, execute, pool, statement, transaction
from models.rules import ids
from models.rules.enums import AccountKind, PlanTier, Role
from resolvers.context import Context, Identity, Shared
from resolvers.cursors import CursorBox
from resolvers.live import Live
from schema import root
from tests import factories as make
from tests.gateway import Api, Json

CLIENTS = """query ($search: String, $order: AgencyClientOrder, $first: Int, $after: String) { agency {
    clients(search: $search, orderBy: $order, first: $first, after: $after) {
      totalCount pageInfo { hasNextPage endCursor } edges { cursor node { account { name } } } } } }"""
BOARD = """query ($since: Date, $until: Date) { agency { id name
    clients(first: 100) { totalCount pageInfo { hasNextPage } edges { node {
      account { id name plan kind can { inviteCustomer { allowed } } }
      usage { totalInvited allowance reserved remaining invitedThisCycle locationAllowance cycleStartsOn resetsOn buyMoreUrl }
      funnel(since: $since, until: $until) { ...stages } } } }
    totals(since: $since, until: $until) { clients invitedThisCycle funnel { ...stages } } } }
  fragment stages on InvitationFunnel { invited delivered opened clicked platformChosen npsSubmitted reviewed
    npsAverage npsNet ratingAverage }"""
ORDERS = [
    {"field": field, "direction": direction}
    for field in ("NAME", "INVITED_THIS_CYCLE", "ALLOWANCE_USED", "NPS", "RATING")
    for direction in ("ASC", "DESC")
]


@dataclass
class Agency:
    account: models.Account
    owner: models.User
    clients: list[models.Account]


async def agency(*names: str, **given: Any) -> Agency:
    account = await make.account(kind=AccountKind.AGENCY, name="Brightside")
    clients = [
        await make.account(kind=AccountKind.AGENCY_CLIENT, agency_id=account.id, name=name, **given) for name in names
    ]
    async with transaction(WORK) as tx:
        await agency_clients.refresh(tx, [client.id for client in clients], clock.now())
    return Agency(account, await make.member(account), clients)


async def invited(client: models.Account, *scores: int | None) -> None:
    """Sends one invitation per score; None is an invitation without an answer."""
    location = await make.location(client)
    for score in scores:
        message = await make.sent(await make.invited(location))
        if score is not None:
            async with transaction(WORK) as tx:
                await answers.score(tx, message, score, clock.now())


ACCOUNT_AGENCY = "query ($id: ID!) { account(id: $id) { kind agency { id name } } }"


async def names(api: Api, who: models.User, **given: object) -> list[str]:
    found = await api.data(who, CLIENTS, **given)
    return [edge["node"]["account"]["name"] for edge in found["agency"]["clients"]["edges"]]


async def agency_with_scores() -> Agency:
    """Änna: two low scores. bert: one invitation. Cleo: none, and no allowance. Dora: two good scores."""
    made = await agency("Änna", "bert", "Cleo", "Dora")
    await invited(made.clients[0], 3, 2, None)
    await invited(made.clients[1], 10)
    await invited(made.clients[3], 9, 7)
    async with transaction(WORK) as tx:
        await execute(tx, "update account set overrides = '{\"invitations\": 0}' where id = $1", made.clients[2].id)
        await agency_clients.refresh(tx, [made.clients[2].id], clock.now())
    return made


@pytest.mark.parametrize(
    ("field", "direction", "expected"),
    [
        ("NAME", "ASC", ["Änna", "bert", "Cleo", "Dora"]),
        ("NAME", "DESC", ["Dora", "Cleo", "bert", "Änna"]),
        ("INVITED_THIS_CYCLE", "DESC", ["Änna", "Dora", "bert", "Cleo"]),
        ("ALLOWANCE_USED", "DESC", ["Änna", "Dora", "bert", "Cleo"]),
        ("NPS", "DESC", ["bert", "Dora", "Änna", "Cleo"]),
        ("NPS", "ASC", ["Änna", "Dora", "bert", "Cleo"]),
    ],
)
async def test_clients_are_ordered_with_nulls_last(api: Api, field: str, direction: str, expected: list[str]) -> None:
    made = await agency_with_scores()
    assert await names(api, made.owner, order={"field": field, "direction": direction}) == expected


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: "-".join(order.values()))
async def test_client_pages_cover_every_client_once(api: Api, order: Json) -> None:
    made = await agency(*(f"Client {number % 5}" for number in range(13)))
    for number, client in enumerate(made.clients):
        await execute(
            pool(WORK),
            "update agency_client set invited = $2, nps_submitted = $3, promoters = 1, rated = $3, rating_sum = $4 "
            "where account_id = $1",
            client.id,
            number % 4,
            number % 3,
            number % 7,
        )
    whole = (await api.data(made.owner, CLIENTS, order=order))["agency"]["clients"]["edges"]
    assert len(whole) == 13
    edges, after = [], None
    while True:
        page = (await api.data(made.owner, CLIENTS, order=order, first=4, after=after))["agency"]["clients"]
        edges += page["edges"]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert edges == whole


async def test_search_matches_part_of_a_name_ignoring_case_and_accents(api: Api) -> None:
    made = await agency("Café Gent", "CAFETERIA", "Garage 100%")
    assert await names(api, made.owner, search="cafe") == ["Café Gent", "CAFETERIA"]
    assert await names(api, made.owner, search="100%") == ["Garage 100%"]
    assert await names(api, made.owner, search="%") == ["Café Gent", "CAFETERIA", "Garage 100%"]
    assert (await api.data(made.owner, CLIENTS, search="cafe"))["agency"]["clients"]["totalCount"] == 2


async def test_cursors_of_another_order_and_malformed_cursors_are_refused(api: Api) -> None:
    made = await agency("A", "B")
    page = (await api.data(made.owner, CLIENTS, first=1))["agency"]["clients"]
    other = {"field": "NPS", "direction": "ASC"}
    for wrong in ({"order": other, "after": page["pageInfo"]["endCursor"]}, {"after": ""}, {"after": "x"}):
        answer = await api.ask(made.owner, CLIENTS, **wrong)
        assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_board_shows_each_client_and_the_totals(api: Api) -> None:
    made = await agency_with_scores()
    board = (await api.data(made.owner, BOARD))["agency"]
    anna = board["clients"]["edges"][0]["node"]
    assert (anna["usage"]["totalInvited"], anna["usage"]["invitedThisCycle"], anna["usage"]["remaining"]) == (
        3,
        3,
        4997,
    )
    assert anna["funnel"] == {
        "invited": 3, "delivered": 3, "opened": 2, "clicked": 2, "platformChosen": 0, "npsSubmitted": 2, "reviewed": 0,
        "npsAverage": 2.5, "npsNet": -100, "ratingAverage": None,
    }  # fmt: skip
    totals = board["totals"]
    assert (totals["clients"], totals["invitedThisCycle"]) == (4, 6)
    assert (totals["funnel"]["invited"], totals["funnel"]["npsSubmitted"], totals["funnel"]["npsNet"]) == (6, 5, 0)


async def test_since_and_until_limit_the_funnels_of_clients_and_totals(api: Api) -> None:
    made = await agency("A")
    clock.set(datetime(2026, 3, 28, 12, tzinfo=UTC))
    await invited(made.clients[0], None)
    clock.move(timedelta(days=2))
    await invited(made.clients[0], None, None)
    for since, until, number in (("2026-03-28", "2026-03-28", 1), ("2026-03-29", None, 2), (None, None, 3)):
        board = (await api.data(made.owner, BOARD, since=since, until=until))["agency"]
        assert board["clients"]["edges"][0]["node"]["funnel"]["invited"] == number
        assert board["totals"]["funnel"]["invited"] == number
    answer = await api.ask(made.owner, BOARD, since="2026-03-30", until="2026-03-28")
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"BAD_USER_INPUT"}


@pytest.mark.parametrize("role", [Role.MANAGER, Role.VIEWER])
async def test_member_sees_only_assigned_clients_in_list_and_totals(api: Api, role: Role) -> None:
    made = await agency("A", "B", "C")
    for client in made.clients:
        await invited(client, 10)
    who = await make.member(made.account, role, all_clients=False)
    await make.assign_clients(who, made.clients[0], made.clients[2])
    board = (await api.data(who, BOARD))["agency"]
    assert [edge["node"]["account"]["name"] for edge in board["clients"]["edges"]] == ["A", "C"]
    assert board["clients"]["totalCount"] == 2
    assert (board["totals"]["clients"], board["totals"]["invitedThisCycle"]) == (2, 2)
    assert board["totals"]["funnel"]["npsSubmitted"] == 2


async def test_member_without_assigned_clients_sees_an_empty_board(api: Api) -> None:
    made = await agency("A")
    who = await make.member(made.account, Role.MANAGER, all_clients=False)
    board = (await api.data(who, BOARD))["agency"]
    assert (board["clients"]["edges"], board["totals"]["clients"], board["totals"]["funnel"]["invited"]) == ([], 0, 0)


async def test_own_membership_in_a_client_takes_precedence_on_the_board(api: Api) -> None:
    made = await agency("A", "B")
    async with transaction(WORK) as tx:
        await models.Membership.create(
            using_db=tx, account_id=made.clients[0].id, user_id=made.owner.id, role=Role.VIEWER, created_at=clock.now()
        )
    first, second = (edge["node"] for edge in (await api.data(made.owner, BOARD))["agency"]["clients"]["edges"])
    assert (first["usage"]["allowance"], first["account"]["can"]["inviteCustomer"]["allowed"]) == (None, False)
    assert (second["usage"]["allowance"], second["account"]["can"]["inviteCustomer"]["allowed"]) == (5000, True)


async def test_only_the_viewers_own_agency_is_found(api: Api) -> None:
    made, other = await agency("A"), await agency("B")
    business = await make.account()
    document = "query ($id: ID) { agency(id: $id) { id name } }"
    node = "query ($id: ID!) { node(id: $id) { __typename id } }"
    own = ids.public_id(ids.AGENCY, made.account.id)
    assert (await api.data(made.owner, document))["agency"] == {"id": own, "name": "Brightside"}
    assert (await api.data(made.owner, document, id=own))["agency"]["id"] == own
    assert (await api.data(made.owner, node, id=own))["node"] == {"__typename": "Agency", "id": own}
    assert (await api.data(await make.member(business), document))["agency"] is None
    wrong = [
        ids.public_id(ids.AGENCY, other.account.id), ids.public_id(ids.AGENCY, business.id),
        ids.public_id(ids.AGENCY, made.clients[0].id), ids.public_id(ids.ACCOUNT, made.account.id), "agy_", "x", "",
    ]  # fmt: skip
    for key in wrong:
        assert (await api.data(made.owner, document, id=key))["agency"] is None
    for key in wrong[:3]:
        assert (await api.data(made.owner, node, id=key))["node"] is None


async def test_board_starts_from_zero_after_a_reset(api: Api) -> None:
    clock.set(datetime(2026, 5, 30, 12, tzinfo=UTC))
    made = await agency("A", "B", anchor_day=31)
    await invited(made.clients[0], None, None)
    clock.set(datetime(2026, 6, 1, 12, tzinfo=UTC))
    board = (await api.data(made.owner, BOARD))["agency"]
    assert board["totals"]["invitedThisCycle"] == 0
    await invited(made.clients[1], None)
    while await agency_clients.roll_over(clock.now()):
        pass
    assert await names(api, made.owner, order={"field": "INVITED_THIS_CYCLE", "direction": "DESC"}) == ["B", "A"]
    board = (await api.data(made.owner, BOARD))["agency"]
    assert [edge["node"]["usage"]["invitedThisCycle"] for edge in board["clients"]["edges"]] == [0, 1]
    assert board["totals"]["invitedThisCycle"] == 1


async def test_usage_of_clients_is_read_by_a_plan_only_where_it_is_shown(api: Api, statements_read: list[str]) -> None:
    made = await agency("A", "B")
    await invited(made.clients[0], None)
    document = "{ agency { clients { edges { node { account { name } %s } } } } }"
    for shown, usages in (("", 0), ("usage { invitedThisCycle }", 1)):
        for _ in range(3):
            edges = (await api.data(made.owner, document % shown))["agency"]["clients"]["edges"]
        assert [one["node"]["account"]["name"] for one in edges] == ["A", "B"]
        statements_read.clear()
        await api.data(made.owner, document % shown)
        assert sum(sql == statement("usage") for sql in statements_read) == usages
    assert [one["node"]["usage"]["invitedThisCycle"] for one in edges] == [1, 0]


async def test_board_of_50_clients_takes_six_statements(db: str) -> None:
    made = await agency(*(f"Client {number:02}" for number in range(50)), plan=PlanTier.STARTER)
    for client in made.clients[:3]:
        await invited(client, 10)
    now = clock.now()
    identity = Identity(made.owner.issuer, made.owner.subject, None, now + timedelta(hours=1))
    context = Context(Shared(CursorBox(("a secret",)), Live(db)), identity)
    days = {"since": (now - timedelta(days=30)).date().isoformat(), "until": now.date().isoformat()}
    answer = await root.build().execute(BOARD, days, context_value=context)
    assert answer.errors is None
    assert answer.data is not None
    assert len(answer.data["agency"]["clients"]["edges"]) == 50
    assert context.reads.statements == 6


async def test_an_account_tells_its_members_of_an_agency_which_agency_they_work_for(api: Api) -> None:
    made, other = await agency("Änna"), await agency()
    of_both = made.owner
    async with transaction(WORK) as tx:
        await models.Membership.create(
            using_db=tx, account_id=other.account.id, user_id=of_both.id, role=Role.OWNER, created_at=clock.now()
        )
    for account, expected in ((made.account, made), (made.clients[0], made), (other.account, other)):
        found = await api.data(of_both, ACCOUNT_AGENCY, id=ids.public_id(ids.ACCOUNT, account.id))
        assert found["account"]["agency"]["id"] == ids.public_id(ids.AGENCY, expected.account.id)


async def test_a_clients_own_members_see_no_agency(api: Api) -> None:
    made = await agency("Änna")
    own = await make.member(made.clients[0])
    found = await api.data(own, ACCOUNT_AGENCY, id=ids.public_id(ids.ACCOUNT, made.clients[0].id))
    assert found["account"] == {"kind": "AGENCY_CLIENT", "agency": None}
