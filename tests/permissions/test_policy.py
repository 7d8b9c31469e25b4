"""`can` matches the actual results, for every role, plan, kind of account and seat."""

import itertools
from dataclasses import dataclass

import pytest

import models
from models.rules import ids
from models.rules.enums import AccountKind, PlanTier, Role
from permissions.policy import EXCEPTIONS, POLICY
from tests import factories as make
from tests.gateway import Api, Json

READ_ALL = """query ($account: ID!, $invitation: ID!) {
  account(id: $account) {
    can { stopInvitation { ...why } restartInvitation { ...why } bulkImport { ...why } inviteCustomer { ...why }
          buyMore { ...why } seeTotalInvited { ...why } }
    usage { totalInvited allowance reserved remaining invitedThisCycle buyMoreUrl }
    bulkImports { totalCount }
  }
  node(id: $invitation) { ... on Invitation { canStop { ...why } canRestart { ...why } bulkImport { name } } }
}
fragment why on Capability { allowed code reason requiredRoles requiredPlans }"""
COMMANDS = """mutation ($invitation: ID!, $location: ID!) {
  stopInvitation(input: {invitationId: $invitation}) { userErrors { code } }
  restartInvitation(input: {invitationId: $invitation}) { userErrors { code } }
  inviteCustomer(input: {locationId: $location, email: "no address", channels: [EMAIL]}) { userErrors { code } }
  bulkImport(input: {locationId: $location, name: "x", uploadId: "upl_none", mapping: [], channels: [EMAIL]}) {
    userErrors { code } }
  recordReview(input: {locationId: $location, platform: "none", externalId: "1", reviewerName: "A",
    reviewedOn: "2026-05-01T10:00:00Z"}) { userErrors { code } }
}"""
WORKING = [Role.OWNER, Role.ADMIN, Role.MANAGER]
IMPORTING = [PlanTier.STARTER, PlanTier.PROFESSIONAL, PlanTier.ENTERPRISE]
KINDS_AND_PLANS = list(itertools.product(AccountKind, PlanTier))


@dataclass
class Target:
    account: models.Account
    variables: dict[str, str]


async def create_target(plan: PlanTier, kind: AccountKind, agency: models.Account | None = None) -> Target:
    account = await make.account(plan=plan, kind=kind, agency_id=agency.id if agency else None)
    location = await make.location(account)
    invitation = await make.invited(location)
    return Target(
        account,
        {
            "account": ids.public_id(ids.ACCOUNT, account.id),
            "location": ids.public_id(ids.LOCATION, location.id),
            "invitation": ids.public_id(ids.INVITATION, invitation),
        },
    )


def denials(answer: Json) -> dict[str, Json]:
    """The `requires` of each denied coordinate."""
    errors = answer.get("errors", [])
    assert all(error["extensions"]["code"] == "FORBIDDEN" for error in errors), errors
    assert len({tuple(error["path"]) for error in errors}) == len(errors)
    return {error["extensions"]["coordinate"]: error["extensions"]["requires"] for error in errors}


async def outcome(api: Api, user: models.User, target: Target) -> tuple[Json, Json]:
    """The capabilities by name, and the denials by coordinate, after checking that they agree."""
    variables = {name: target.variables[name] for name in ("account", "invitation")}
    read = await api.ask(user, READ_ALL, **variables)
    done = await api.ask(user, COMMANDS, **{name: target.variables[name] for name in ("invitation", "location")})
    refused = denials(read) | denials(done)
    can = read["data"]["account"]["can"]
    for name, coordinate in (
        ("stopInvitation", "Mutation.stopInvitation"),
        ("restartInvitation", "Mutation.restartInvitation"),
        ("inviteCustomer", "Mutation.inviteCustomer"),
        ("bulkImport", "Mutation.bulkImport"),
    ):
        assert can[name]["allowed"] is (coordinate not in refused), (name, refused)
        assert (done["data"][name] is None) is (coordinate in refused)
        required = refused.get(coordinate, {})
        assert can[name]["requiredRoles"] in (None, required.get("roles"))
        assert can[name]["requiredPlans"] in (None, required.get("plans"))
    card = read["data"]["account"]["usage"]
    assert card["invitedThisCycle"] == 0
    for name in ("totalInvited", "allowance", "reserved", "remaining"):
        assert can["seeTotalInvited"]["allowed"] is (card[name] is not None)
    assert can["buyMore"]["allowed"] is (card["buyMoreUrl"] is not None)
    assert all((one["reason"] is None) is one["allowed"] for one in can.values())
    assert read["data"]["node"]["canStop"]["allowed"] is can["stopInvitation"]["allowed"]
    return can, refused


@pytest.mark.parametrize(("kind", "plan"), KINDS_AND_PLANS, ids=lambda one: str(one))
async def test_can_matches_an_own_membership(api: Api, kind: AccountKind, plan: PlanTier) -> None:
    target = await create_target(plan, kind)
    for role in Role:
        can, refused = await outcome(api, await make.member(target.account, role), target)
        imports = {"Account.bulkImports", "Invitation.bulkImport"}
        assert can["stopInvitation"]["allowed"] is (role in WORKING)
        assert can["bulkImport"]["allowed"] is (role in WORKING and plan in IMPORTING)
        assert can["seeTotalInvited"]["allowed"] is (kind is not AccountKind.AGENCY_CLIENT)
        assert can["buyMore"]["allowed"] is (
            role in (Role.OWNER, Role.ADMIN) and plan in IMPORTING[1:] and kind is not AccountKind.AGENCY_CLIENT
        )
        assert (imports <= refused.keys()) is (role is Role.VIEWER)
        assert ("Mutation.recordReview" in refused) is (role not in (Role.OWNER, Role.ADMIN))


@pytest.mark.parametrize("plan", PlanTier, ids=lambda one: str(one))
async def test_can_matches_a_seat_through_the_agency(api: Api, plan: PlanTier) -> None:
    agency = await make.account(kind=AccountKind.AGENCY)
    target = await create_target(plan, AccountKind.AGENCY_CLIENT, agency)
    for role in Role:
        user = await make.member(agency, role, all_clients=False)
        await make.assign_clients(user, target.account)
        can, _ = await outcome(api, user, target)
        acts_as = Role.ADMIN if role is Role.OWNER else role
        assert can["seeTotalInvited"]["allowed"] is True
        assert can["stopInvitation"]["allowed"] is (acts_as in WORKING)
        assert can["buyMore"]["allowed"] is (acts_as is Role.ADMIN and plan in IMPORTING[1:])


async def test_error_lists_both_missing_role_and_plan(api: Api) -> None:
    target = await create_target(PlanTier.FREE, AccountKind.BUSINESS)
    _, refused = await outcome(api, await make.member(target.account, Role.VIEWER), target)
    assert refused["Mutation.bulkImport"] == {"roles": WORKING, "plans": IMPORTING}
    assert refused["Mutation.stopInvitation"] == {"roles": WORKING}


async def test_denied_field_gives_one_error_per_selection_not_per_row(api: Api) -> None:
    account = await make.account()
    location = await make.location(account)
    for _ in range(3):
        await make.invited(location)
    document = """{ account { customers { edges { node { invitation { bulkImport { name }
      other: bulkImport { id } bulkImport { id } } } } } } }"""
    answer = await api.ask(await make.member(account, Role.VIEWER), document)
    path = ["account", "customers", "edges", 0, "node", "invitation"]
    assert [error["path"] for error in answer["errors"]] == [[*path, "bulkImport"], [*path, "other"]]
    invitations = [edge["node"]["invitation"] for edge in answer["data"]["account"]["customers"]["edges"]]
    assert invitations == [{"bulkImport": None, "other": None}] * 3


async def test_guarded_type_gives_one_error_per_selection_with_the_type_as_coordinate(api: Api) -> None:
    account = await make.account()
    owner, viewer = await make.member(account), await make.member(account, Role.VIEWER)
    location = await make.location(account)
    imports = [ids.public_id(ids.BULK_IMPORT, await make.bulk_import(location)) for _ in range(2)]
    document = "query ($a: ID!, $b: ID!) { a: node(id: $a) { id } b: node(id: $b) { id } nodes(ids: [$a, $b]) { id } }"
    seen = await api.data(owner, document, a=imports[0], b=imports[1])
    assert [one["id"] for one in (seen["a"], seen["b"], *seen["nodes"])] == [*imports, *imports]
    answer = await api.ask(viewer, document, a=imports[0], b=imports[1])
    assert answer["data"] == {"a": None, "b": None, "nodes": [None, None]}
    assert sorted(error["path"][0] for error in answer["errors"]) == ["a", "b", "nodes"]
    assert {error["extensions"]["coordinate"] for error in answer["errors"]} == {"BulkImport"}


@pytest.mark.parametrize("coordinate", [*POLICY, *EXCEPTIONS])
def test_no_rule_admits_a_viewer_without_a_seat(coordinate: str) -> None:
    assert (POLICY | EXCEPTIONS)[coordinate].admits(None) is False
