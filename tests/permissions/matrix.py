"""The expected permissions, written out independently of the policy, and the requests that test them for every seat."""

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_leaf_type,
    is_required_argument,
    is_required_input_field,
)

import models
from models.connection import WORK, execute, pool
from models.rules import ids
from models.rules.enums import AccountKind, PlanTier, Role
from tests import factories as make
from tests.gateway import Json

ROLES, PLANS, KINDS = list(Role), list(PlanTier), list(AccountKind)


@dataclass(frozen=True)
class Expected:
    """The requirements of a coordinate. `kinds` applies to own memberships only, not to seats through an agency."""

    roles: tuple[Role, ...] = tuple(ROLES)
    plans: tuple[PlanTier, ...] = tuple(PLANS)
    kinds: tuple[AccountKind, ...] = tuple(KINDS)
    hidden: bool = False


NOT_VIEWER = (Role.OWNER, Role.ADMIN, Role.MANAGER)
BILLING = (Role.OWNER, Role.ADMIN)
NOT_FREE = (PlanTier.STARTER, PlanTier.PROFESSIONAL, PlanTier.ENTERPRISE)
LARGE = (PlanTier.PROFESSIONAL, PlanTier.ENTERPRISE)
NOT_A_CLIENT = (AccountKind.BUSINESS, AccountKind.AGENCY)
CARD = Expected(kinds=NOT_A_CLIENT, hidden=True)
IMPORTS = Expected(NOT_VIEWER)

EXPECTED: dict[str, Expected] = {
    "Mutation.stopInvitation": Expected(NOT_VIEWER),
    "Mutation.restartInvitation": Expected(NOT_VIEWER),
    "Mutation.inviteCustomer": Expected(NOT_VIEWER),
    "Mutation.bulkImport": Expected(NOT_VIEWER, NOT_FREE),
    "Mutation.startBulkImport": Expected(NOT_VIEWER, NOT_FREE),
    "Mutation.pauseBulkImport": Expected(NOT_VIEWER, NOT_FREE),
    "Mutation.resumeBulkImport": Expected(NOT_VIEWER, NOT_FREE),
    "Mutation.cancelBulkImport": Expected(NOT_VIEWER, NOT_FREE),
    "Mutation.previewBulkImport": Expected(NOT_VIEWER, NOT_FREE),
    "Mutation.recordReview": Expected(BILLING),
    "Mutation.previewMessage": Expected(NOT_VIEWER),
    "Mutation.sendTestMessage": Expected(NOT_VIEWER),
    "Mutation.recordOptOut": Expected(NOT_VIEWER),
    "Mutation.liftSuppression": Expected(BILLING),
    "Mutation.settleMessage": Expected(NOT_VIEWER),
    "Mutation.releaseInvitation": Expected(NOT_VIEWER),
    "Mutation.releaseLocation": Expected(NOT_VIEWER),
    "Account.suppressions": Expected(BILLING),
    "Subscription.importProgress": IMPORTS,
    "Account.bulkImports": IMPORTS,
    "Account.bulkImport": IMPORTS,
    "Invitation.bulkImport": IMPORTS,
    "BulkImport": IMPORTS,
    "UsageSummary.totalInvited": CARD,
    "UsageSummary.allowance": CARD,
    "UsageSummary.reserved": CARD,
    "UsageSummary.remaining": CARD,
    "UsageSummary.buyMoreUrl": Expected(BILLING, LARGE, NOT_A_CLIENT, hidden=True),
}
CAPABILITIES = {
    "stopInvitation": "Mutation.stopInvitation",
    "restartInvitation": "Mutation.restartInvitation",
    "bulkImport": "Mutation.bulkImport",
    "inviteCustomer": "Mutation.inviteCustomer",
    "recordOptOut": "Mutation.recordOptOut",
    "liftSuppression": "Mutation.liftSuppression",
    "settleMessage": "Mutation.settleMessage",
    "previewMessage": "Mutation.previewMessage",
    "sendTestMessage": "Mutation.sendTestMessage",
    "release": "Mutation.releaseLocation",
    "buyMore": "UsageSummary.buyMoreUrl",
    "seeTotalInvited": "UsageSummary.totalInvited",
}


# Accounts and seats


@dataclass
class Target:
    """An account with two locations, and the ids of each location's objects."""

    account: models.Account
    first: dict[str, str]
    second: dict[str, str]


@dataclass
class Seat:
    """`acts_as` is None if the member has no access, `agency` is whether the seat comes from an agency, and `sees_second`
    whether it includes the second location."""

    name: str
    user: models.User
    target: Target
    acts_as: Role | None
    agency: bool = False
    sees_second: bool = True

    def missing(self, expected: Expected) -> dict[str, list[str]]:
        """The requirements that the seat fails, as in the error's `requires`."""
        assert self.acts_as is not None
        account = self.target.account
        requirements = {
            "roles": (self.acts_as not in expected.roles, expected.roles),
            "plans": (account.plan not in expected.plans, expected.plans),
            "kinds": (not self.agency and account.kind not in expected.kinds, expected.kinds),
        }
        return {name: [str(value) for value in allowed] for name, (missing, allowed) in requirements.items() if missing}


async def create_target(kind: AccountKind, plan: PlanTier) -> tuple[Target, models.Account]:
    """A target of this kind on this plan, and an agency, which has the account as a client if the kind is AGENCY_CLIENT."""
    agency = await make.account(kind=AccountKind.AGENCY)
    agency_id = {"agency_id": agency.id} if kind is AccountKind.AGENCY_CLIENT else {}
    account = await make.account(plan=plan, kind=kind, **agency_id)
    first, second = [await _object_ids(await make.location(account)) for _ in range(2)]
    return Target(account, first, second), agency


IDS = (
    "accountId",
    "locationId",
    "invitationId",
    "customerId",
    "bulkImportId",
    "uploadId",
    "messageId",
    "suppressionId",
)
"""The ids used by inputs and arguments, named as in `_object_ids`."""


async def _object_ids(location: models.Location) -> dict[str, str]:
    bulk_import = await make.bulk_import(location)
    invitation = await make.invited(location)
    await execute(pool(WORK), "update invitation set bulk_import_id = $2 where id = $1", invitation, bulk_import)
    row = await models.Invitation.get(id=invitation)
    message = await models.Message.get(invitation_id=invitation, step=1)
    await make.suppressed(await models.Account.get(id=location.account_id), f"{invitation.hex}@example.com")
    suppression = await models.Suppression.filter(account_id=location.account_id).order_by("-id").first()
    assert suppression is not None
    return {
        "accountId": ids.public_id(ids.ACCOUNT, location.account_id),
        "locationId": ids.public_id(ids.LOCATION, location.id),
        "invitationId": ids.public_id(ids.INVITATION, invitation),
        "customerId": ids.public_id(ids.CUSTOMER, row.customer_id),
        "bulkImportId": ids.public_id(ids.BULK_IMPORT, bulk_import),
        "uploadId": ids.public_id(ids.UPLOAD, (await models.BulkImport.get(id=bulk_import)).upload_id),
        "messageId": ids.public_id(ids.MESSAGE, message.id),
        "suppressionId": ids.public_id(ids.SUPPRESSION, suppression.id),
    }


async def seats(target: Target, agency: models.Account) -> AsyncIterator[Seat]:
    first = await models.Location.get(id=ids.parse_id(ids.LOCATION, target.first["locationId"]))
    for role in Role:
        yield Seat(f"own {role}", await make.member(target.account, role), target, role)
        limited = await make.member(target.account, role, all_locations=False)
        await make.assign(limited, first)
        yield Seat(f"own {role} of one location", limited, target, role, sees_second=False)
    yield Seat("a stranger", await make.member(await make.account()), target, None)
    if target.account.kind is AccountKind.AGENCY_CLIENT:
        for role in Role:
            unrestricted = await make.member(agency, role)
            yield Seat(
                f"agency's {role}", unrestricted, target, Role.ADMIN if role is Role.OWNER else role, agency=True
            )
            unassigned = await make.member(agency, role, all_clients=False)
            acts_as = Role.ADMIN if role in BILLING else None
            yield Seat(f"agency's {role}, assigned to none", unassigned, target, acts_as, agency=True)
        manager = await make.member(agency, Role.MANAGER, all_clients=False)
        await make.assign_clients(manager, target.account)
        yield Seat("agency's MANAGER, assigned", manager, target, Role.MANAGER, agency=True)


# Operations generated from the schema


@dataclass(frozen=True)
class Probe:
    """An operation that selects one guarded field or type, and its path in the response. `second_location` is whether it
    uses the ids of the second location."""

    coordinate: str
    document: str
    path: tuple[str | int, ...]
    second_location: bool = False


@dataclass
class Probes:
    """Generates operations that reach every guarded coordinate on every path."""

    schema: GraphQLSchema
    _paths: dict[str, list[tuple[str, tuple[str | int, ...]]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        account = "account(id: $accountId) { id %s }"
        table = account % "customers(filter: {locationIds: [$locationId]}) { edges { node { invitation { %s } } } }"
        history = account % "customer(id: $customerId) { invitations { edges { node { %s } } } }"
        self._paths = {
            "Account": [
                (account, ("account",)),
                ("node(id: $accountId) { id ... on Account { %s } }", ("node",)),
                ("nodes(ids: [$accountId]) { id ... on Account { %s } }", ("nodes", 0)),
            ],
            "UsageSummary": [
                (account % "usage { resetsOn %s }", ("account", "usage")),
                (account % "usage(locationId: $locationId) { resetsOn %s }", ("account", "usage")),
            ],
            "Invitation": [
                ("node(id: $invitationId) { id ... on Invitation { %s } }", ("node",)),
                ("node(id: $customerId) { id ... on Customer { invitation { %s } } }", ("node", "invitation")),
                (history, ("account", "customer", "invitations", "edges", 0, "node")),
                (table, ("account", "customers", "edges", 0, "node", "invitation")),
            ],
        }

    def of(self, coordinate: str) -> Iterator[Probe]:
        for document, path in self._documents(coordinate):
            yield Probe(coordinate, document, path)
            if _has_location_objects(document):
                yield Probe(coordinate, document, path, second_location=True)

    def _documents(self, coordinate: str) -> Iterator[tuple[str, tuple[str | int, ...]]]:
        kind, _, name = coordinate.partition(".")
        if not name:
            yield self._operation("query", "node(id: $bulkImportId) { id }"), ("node",)
            yield self._operation("query", "nodes(ids: [$bulkImportId]) { id }"), ("nodes", 0)
            return
        if kind in ("Mutation", "Subscription"):
            yield self._operation(kind.lower(), self._field(kind, name)), (name,)
            return
        assert kind in self._paths, f"{coordinate} is guarded, but no path leads to {kind}; add one to Probes._paths."
        for pattern, path in self._paths[kind]:
            yield self._operation("query", pattern % self._field(kind, name)), (*path, name)

    @staticmethod
    def _operation(kind: str, selection: str) -> str:
        used = ", ".join(f"${name}: ID!" for name in IDS if f"${name}" in selection)
        return f"{kind} ({used}) {{ {selection} }}"

    def _field(self, kind: str, name: str) -> str:
        """The field with its required arguments and the smallest possible selection."""
        parent = self.schema.type_map[kind]
        assert isinstance(parent, GraphQLObjectType)
        definition = parent.fields[name]
        required = [
            f"{key}: {self._value(argument.type, f'{name}Id' if key == 'id' else key)}"
            for key, argument in definition.args.items()
            if is_required_argument(argument)
        ]
        arguments = f"({', '.join(required)})" if required else ""
        if is_leaf_type(get_named_type(definition.type)):
            return f"{name}{arguments}"
        return f"{name}{arguments} {{ {'userErrors { code }' if kind == 'Mutation' else '__typename'} }}"

    def _value(self, kind: GraphQLInputType, name: str) -> str:
        while isinstance(kind, GraphQLNonNull):
            kind = kind.of_type
        if isinstance(kind, GraphQLList):
            return "[EMAIL]" if name == "channels" else "[]"
        if isinstance(kind, GraphQLEnumType):
            first: str = next(iter(kind.values))
            return first
        if isinstance(kind, GraphQLInputObjectType):
            inside = [
                f"{key}: {self._value(one.type, key)}"
                for key, one in kind.fields.items()
                if is_required_input_field(one)
            ]
            return f"{{{', '.join(inside)}}}"
        if str(kind) == "ID":
            assert name in IDS, f"An input takes {name}, which targets lack; add it to IDS and to _object_ids."
        simple = {"ID": f"${name}", "DateTime": '"2026-05-01T10:00:00Z"', "Int": "1"}
        return simple.get(str(kind), '"x"')


def _has_location_objects(document: str) -> bool:
    """Whether the document asks for a location's objects rather than the account's."""
    return any(
        f"${name}" in document for name in ("locationId", "invitationId", "messageId", "customerId", "bulkImportId")
    )


# Sending operations and checking the responses

Ask = Callable[[models.User, str, dict[str, str]], Awaitable[Json]]
_CAPABILITIES = " ".join(f"{name} {{ allowed code reason requiredRoles requiredPlans }}" for name in CAPABILITIES)
CAN = f"""query ($accountId: ID!, $invitationId: ID!) {{
  account(id: $accountId) {{ can {{ {_CAPABILITIES} }} }}
  node(id: $invitationId) {{ ... on Invitation {{
    canStop {{ allowed code reason }} canRestart {{ allowed code reason }} }} }} }}"""


@dataclass
class Checks:
    """`wrong` describes each difference; `number` counts the comparisons."""

    seat: Seat
    wrong: list[str] = field(default_factory=list)
    number: int = 0

    def equal(self, what: str, found: object, expected: object) -> None:
        self.number += 1
        if found != expected:
            self.wrong.append(f"{self.seat.name}, {self.seat.target.account.kind} on {self.seat.target.account.plan}: "
                              f"{what} is {found}, not {expected}")  # fmt: skip


async def try_probe(ask: Ask, seat: Seat, probe: Probe) -> Checks:
    checks = Checks(seat)
    variables = seat.target.second if probe.second_location else seat.target.first
    answer = await ask(seat.user, probe.document, variables)
    errors = answer.get("errors", [])
    found = _value_at(answer.get("data"), probe.path)
    if seat.acts_as is None or (probe.second_location and not seat.sees_second):
        _check_not_found(checks, probe, answer, errors)
        return checks
    expected = EXPECTED[probe.coordinate]
    missing = seat.missing(expected)
    what = f"{probe.coordinate} by {probe.document}"
    checks.equal(f"{what}: has a value", found is not None, not missing)
    checks.equal(f"{what}: number of errors", len(errors), 1 if missing and not expected.hidden else 0)
    for error in errors:
        extensions = error.get("extensions", {})
        checks.equal(f"{what}: code", extensions.get("code"), "FORBIDDEN")
        checks.equal(f"{what}: coordinate", extensions.get("coordinate"), probe.coordinate)
        checks.equal(f"{what}: requires", extensions.get("requires"), missing)
        checks.equal(f"{what}: path", error.get("path"), list(probe.path))
        checks.equal(f"{what}: has a message", bool(error.get("message")), True)
    return checks


def _check_not_found(checks: Checks, probe: Probe, answer: Json, errors: list[Json]) -> None:
    """Expects null or NOT_FOUND, or BAD_USER_INPUT where neither is possible; never FORBIDDEN."""
    what = f"{probe.coordinate} by {probe.document}"
    codes = {error["extensions"]["code"] for error in errors}
    if probe.coordinate.startswith("Mutation."):
        payload = (answer.get("data") or {}).get(probe.path[0]) or {}
        checks.equal(f"{what}: codes", {one["code"] for one in payload.get("userErrors", [])}, {"NOT_FOUND"})
    elif probe.coordinate.startswith("Subscription.") or (
        "usage(locationId" in probe.document and checks.seat.acts_as is not None
    ):
        checks.equal(f"{what}: codes", codes, {"BAD_USER_INPUT"})
    else:
        guarded = "Account.bulkImport" in probe.coordinate and checks.seat.acts_as is Role.VIEWER
        checks.equal(f"{what}: errors", codes, {"FORBIDDEN"} if guarded else set())
        checks.equal(f"{what}: value", _value_at(answer.get("data"), probe.path), None)


def _value_at(data: Any, path: tuple[str | int, ...]) -> Any:
    """None if the path leads nowhere."""
    for step in path:
        if data is None or (isinstance(step, int) and len(data) <= step):
            return None
        data = data[step]
    return data


async def try_can(ask: Ask, seat: Seat) -> Checks:
    """Compares `can`, `canStop` and `canRestart` with the same expectations."""
    checks = Checks(seat)
    answer = await ask(seat.user, CAN, seat.target.first)
    checks.equal("errors of can", answer.get("errors", []), [])
    account = (answer.get("data") or {}).get("account")
    checks.equal("has an account", account is not None, seat.acts_as is not None)
    if account is None or seat.acts_as is None:
        return checks
    for name, coordinate in CAPABILITIES.items():
        missing, capability = seat.missing(EXPECTED[coordinate]), account["can"][name]
        code = next((code for kind, code in _CODES.items() if kind in missing), None)
        checks.equal(f"can.{name}", capability["allowed"], not missing)
        checks.equal(f"can.{name}.code", capability["code"], code)
        checks.equal(f"can.{name}.reason", bool(capability["reason"]), bool(missing))
        checks.equal(f"can.{name}.requiredRoles", capability["requiredRoles"], missing.get("roles"))
        checks.equal(f"can.{name}.requiredPlans", capability["requiredPlans"], missing.get("plans"))
    _check_invitation(checks, answer["data"]["node"])
    return checks


_CODES = {"roles": "ROLE", "plans": "PLAN", "kinds": "ACCOUNT_KIND"}


def _check_invitation(checks: Checks, invitation: Json) -> None:
    """The state allows either canStop or canRestart, never both; a role that is not allowed takes precedence over the state."""
    role_allowed = checks.seat.acts_as in NOT_VIEWER
    stop, restart = invitation["canStop"], invitation["canRestart"]
    checks.equal("canStop or canRestart", stop["allowed"] or restart["allowed"], role_allowed)
    checks.equal("canStop and canRestart", stop["allowed"] and restart["allowed"], False)
    for capability in (stop, restart):
        code = None if capability["allowed"] else "STATE" if role_allowed else "ROLE"
        checks.equal("code", capability["code"], code)
        checks.equal("has a reason", bool(capability["reason"]), not capability["allowed"])


ACCOUNTS = list(itertools.product(AccountKind, PlanTier))
