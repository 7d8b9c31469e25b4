"""Objects outside the viewer's accounts and locations are reported as not found."""

import pytest

import models
from models.clock import clock
from models.reads.operation import Reads
from models.rules import ids
from models.rules.enums import AccountKind, Role
from models.rules.ids import uuid7
from permissions.scope import find_viewer, seat_in
from tests import factories as make
from tests.gateway import Api, token

NODES = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"
NAMES = "query ($id: ID) { account(id: $id) { name locations { edges { node { name } } totalCount } } }"
COMMANDS = """mutation ($invitation: ID!, $location: ID!) {
  stopInvitation(input: {invitationId: $invitation}) { userErrors { code field } }
  restartInvitation(input: {invitationId: $invitation}) { userErrors { code field } }
  inviteCustomer(input: {locationId: $location, email: "ann@example.com", channels: [EMAIL]}) {
    userErrors { code field } } }"""


async def object_ids(location: models.Location) -> dict[str, str]:
    """One id of each type at a location, by type name."""
    invitation = await models.Invitation.get(id=await make.invited(location))
    event = await models.ActivityEvent.filter(invitation_id=invitation.id).first()
    assert event is not None
    return {
        "Account": ids.public_id(ids.ACCOUNT, location.account_id),
        "Location": ids.public_id(ids.LOCATION, location.id),
        "Customer": ids.public_id(ids.CUSTOMER, invitation.customer_id),
        "Invitation": ids.public_id(ids.INVITATION, invitation.id),
        "ActivityEvent": ids.public_id(ids.EVENT, event.id),
    }


async def test_nodes_are_returned_in_the_requested_order(api: Api) -> None:
    account = await make.account()
    created = await object_ids(await make.location(account))
    found = await api.data(await make.member(account), NODES, ids=list(created.values()))
    assert found["nodes"] == [{"__typename": name, "id": key} for name, key in created.items()]


async def test_objects_of_another_account_are_not_found(api: Api) -> None:
    created = await object_ids(await make.location(await make.account()))
    stranger = await make.member(await make.account())
    assert (await api.data(stranger, NODES, ids=list(created.values())))["nodes"] == [None] * 5
    assert (await api.data(stranger, NAMES, id=created["Account"]))["account"] is None
    done = await api.data(stranger, COMMANDS, invitation=created["Invitation"], location=created["Location"])
    assert [one["userErrors"] for one in done.values()] == [
        [{"code": "NOT_FOUND", "field": ["invitationId"]}],
        [{"code": "NOT_FOUND", "field": ["invitationId"]}],
        [{"code": "NOT_FOUND", "field": ["locationId"]}],
    ]


BOTH = """query ($account: ID!, $location: ID!, $customer: ID!) { account(id: $account) {
  location(id: $location) { id } customer(id: $customer) { id }
  customers(filter: {locationIds: [$location]}) { edges { node { id } } } } }"""
CARD = "query ($account: ID!, $location: ID!) { account(id: $account) { usage(locationId: $location) { resetsOn } } }"


async def test_objects_of_another_account_of_the_member_are_not_found(api: Api) -> None:
    first, second = await make.account(), await make.account()
    here, there = await object_ids(await make.location(first)), await object_ids(await make.location(second))
    user = await make.member(first)
    await models.Membership.create(account_id=second.id, user_id=user.id, role=Role.OWNER, created_at=clock.now())
    for account, objects in ((here, here), (there, there), (here, there), (there, here)):
        variables = {"account": account["Account"], "location": objects["Location"]}
        found = (await api.data(user, BOTH, **variables, customer=objects["Customer"]))["account"]
        is_found = account is objects
        assert [found["location"], found["customer"]] == (
            [{"id": objects["Location"]}, {"id": objects["Customer"]}] if is_found else [None, None]
        )
        assert len(found["customers"]["edges"]) == is_found
        assert ("errors" in await api.ask(user, CARD, **variables)) is not is_found


async def test_objects_of_unassigned_locations_are_not_found(api: Api) -> None:
    account = await make.account()
    here, there = await make.location(account), await make.location(account)
    manager = await make.member(account, Role.MANAGER, all_locations=False)
    await make.assign(manager, here)
    mine, others = await object_ids(here), await object_ids(there)
    assert [one["__typename"] for one in (await api.data(manager, NODES, ids=list(mine.values())))["nodes"]] == list(
        mine
    )
    unseen = [key for name, key in others.items() if name != "Account"]
    assert (await api.data(manager, NODES, ids=unseen))["nodes"] == [None] * 4
    found = await api.data(manager, NAMES)
    assert found["account"]["locations"] == {"edges": [{"node": {"name": here.name}}], "totalCount": 1}


@pytest.mark.parametrize(
    "malformed", ["", "x", "cus_", "cus_1", "acc_" + "g" * 32, "agy_" + "0" * 32, "\u0000", "é_" + "0" * 32]
)
async def test_malformed_id_is_not_found(api: Api, malformed: str) -> None:
    owner = await make.member(await make.account())
    assert (await api.data(owner, NODES, ids=[malformed]))["nodes"] == [None]
    document = (
        "query ($id: ID!) { account { customer(id: $id) { id } location(id: $id) { id } bulkImport(id: $id) { id } } }"
    )
    found = await api.data(owner, document, id=malformed)
    assert found["account"] == {"customer": None, "location": None, "bulkImport": None}


async def test_usage_of_an_unknown_location_is_bad_user_input(api: Api) -> None:
    owner = await make.member(await make.account())
    elsewhere = ids.public_id(ids.LOCATION, (await make.location(await make.account())).id)
    for key in (elsewhere, ids.public_id(ids.LOCATION, uuid7()), "x"):
        answer = await api.ask(owner, "query ($id: ID!) { account { usage(locationId: $id) { resetsOn } } }", id=key)
        assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_more_than_100_nodes_are_refused(api: Api) -> None:
    answer = await api.ask(await make.member(await make.account()), NODES, ids=["x"] * 101)
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_token_can_name_the_account(api: Api) -> None:
    first, second = await make.account(), await make.account()
    user = await make.member(first)
    await models.Membership.create(account_id=second.id, user_id=user.id, role=Role.OWNER, created_at=clock.now())
    assert (await api.data(user, NAMES))["account"]["name"] == first.name
    acting = {"authorization": f"Bearer {token(user, account=second.id)}"}
    answer = await api.client.post("/graphql", json={"query": NAMES}, headers=acting)
    assert answer.json()["data"]["account"]["name"] == second.name
    stranger = {"authorization": f"Bearer {token(user, account=(await make.account()).id)}"}
    answer = await api.client.post("/graphql", json={"query": NAMES}, headers=stranger)
    assert answer.json() == {"data": {"account": None}}


async def test_agency_member_has_access_to_assigned_clients(api: Api) -> None:
    agency = await make.account(kind=AccountKind.AGENCY)
    mine, others = [await make.account(kind=AccountKind.AGENCY_CLIENT, agency_id=agency.id) for _ in range(2)]
    viewer = await make.member(agency, Role.VIEWER, all_clients=False)
    await make.assign_clients(viewer, mine)
    assert (await api.data(viewer, NAMES, id=ids.public_id(ids.ACCOUNT, mine.id)))["account"]["name"] == mine.name
    assert (await api.data(viewer, NAMES, id=ids.public_id(ids.ACCOUNT, others.id)))["account"] is None
    admin = await make.member(agency, Role.ADMIN, all_clients=False)
    assert (await api.data(admin, NAMES, id=ids.public_id(ids.ACCOUNT, others.id)))["account"]["name"] == others.name


async def test_own_membership_in_a_client_takes_precedence(api: Api) -> None:
    agency = await make.account(kind=AccountKind.AGENCY)
    client = await make.account(kind=AccountKind.AGENCY_CLIENT, agency_id=agency.id)
    user = await make.member(agency, Role.OWNER)
    await models.Membership.create(account_id=client.id, user_id=user.id, role=Role.VIEWER, created_at=clock.now())
    document = (
        "query ($id: ID!) { account(id: $id) { can { stopInvitation { allowed } seeTotalInvited { allowed } } } }"
    )
    found = await api.data(user, document, id=ids.public_id(ids.ACCOUNT, client.id))
    assert [one["allowed"] for one in found["account"]["can"].values()] == [False, False]


async def test_viewer_returns_the_user_and_their_memberships(api: Api) -> None:
    account = await make.account()
    user = await make.member(account, Role.MANAGER)
    found = await api.data(user, "{ viewer { name email memberships { role account { name usage { remaining } } } } }")
    there = {"role": "MANAGER", "account": {"name": account.name, "usage": {"remaining": 5000}}}
    assert found["viewer"] == {"name": user.name, "email": user.email, "memberships": [there]}


async def test_a_member_of_one_location_sees_only_its_imports(api: Api) -> None:
    account = await make.account()
    here, there = await make.location(account), await make.location(account)
    mine, _ = await make.bulk_import(here), await make.bulk_import(there)
    manager = await make.member(account, Role.MANAGER, all_locations=False)
    await make.assign(manager, here)
    found = await api.data(manager, "{ account { bulkImports { edges { node { id } } totalCount } } }")
    edges = [{"node": {"id": ids.public_id(ids.BULK_IMPORT, mine)}}]
    assert found["account"]["bulkImports"] == {"edges": edges, "totalCount": 1}


@pytest.mark.parametrize(
    ("role", "in_clients"),
    [
        (Role.OWNER, Role.ADMIN),
        (Role.ADMIN, Role.ADMIN),
        (Role.MANAGER, Role.MANAGER),
        (Role.VIEWER, Role.VIEWER),
    ],
)
async def test_role_of_an_agency_member_in_a_client(db: str, role: Role, in_clients: Role) -> None:
    agency = await make.account(kind=AccountKind.AGENCY)
    client = await make.account(kind=AccountKind.AGENCY_CLIENT, agency_id=agency.id)
    user, reads = await make.member(agency, role), Reads()
    viewer = await find_viewer(reads, user.issuer, user.subject, None)
    assert viewer is not None
    seat = await seat_in(reads, viewer, client.id)
    assert seat is not None
    assert (seat.role, seat.account.id) == (in_clients, client.id)
