"""Who may what, written down a second time by hand, and asked for every role, plan, kind of account and seat."""

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
from tests.asking import Json

ROLES, PLANS, KINDS = list(Role), list(PlanTier), list(AccountKind)


@dataclass(frozen=True)
class Expected:
    """Who may, as the design says it. `kinds`: of own memberships; whoever comes through the agency may."""

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
    "Mutation.recordReview": Expected(BILLING),
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
    "buyMore": "UsageSummary.buyMoreUrl",
    "seeTotalInvited": "UsageSummary.totalInvited",
}


# Places and seats


@dataclass
class Place:
    """An account with two locations, and the ids of what is at each of them."""

    account: models.Account
    here: dict[str, str]
    there: dict[str, str]


@dataclass
class Seat:
    """`acts_as` None: the account does not exist for this member. `agency`: they come through it. `sees_there`: they
    see the second location too."""

    name: str
    user: models.User
    place: Place
    acts_as: Role | None
    agency: bool = False
    sees_there: bool = True

    def missing(self, expected: Expected) -> dict[str, list[str]]:
        """What it would take, by what is an obstacle."""
        assert self.acts_as is not None
        account = self.place.account
        obstacles = {
            "roles": (self.acts_as not in expected.roles, expected.roles),
            "plans": (account.plan not in expected.plans, expected.plans),
            "kinds": (not self.agency and account.kind not in expected.kinds, expected.kinds),
        }
        return {name: [str(one) for one in wanted] for name, (wrong, wanted) in obstacles.items() if wrong}


async def place(kind: AccountKind, plan: PlanTier) -> tuple[Place, models.Account]:
    """And the agency that it is a client of, if it is one's."""
    agency = await make.account(kind=AccountKind.AGENCY)
    of_agency = {"agency_id": agency.id} if kind is AccountKind.AGENCY_CLIENT else {}
    account = await make.account(plan=plan, kind=kind, **of_agency)
    here, there = [await _things(await make.location(account)) for _ in range(2)]
    return Place(account, here, there), agency


IDS = ("accountId", "locationId", "invitationId", "customerId", "bulkImportId", "uploadId")
"""What inputs and arguments name, as `_things` has it."""


async def _things(location: models.Location) -> dict[str, str]:
    bulk_import = await make.bulk_import(location)
    invitation = await make.invited(location)
    await execute(pool(WORK), "update invitation set bulk_import_id = $2 where id = $1", invitation, bulk_import)
    row = await models.Invitation.get(id=invitation)
    return {
        "accountId": ids.public_id(ids.ACCOUNT, location.account_id),
        "locationId": ids.public_id(ids.LOCATION, location.id),
        "invitationId": ids.public_id(ids.INVITATION, invitation),
        "customerId": ids.public_id(ids.CUSTOMER, row.customer_id),
        "bulkImportId": ids.public_id(ids.BULK_IMPORT, bulk_import),
        "uploadId": ids.public_id(ids.UPLOAD, bulk_import),
    }


async def seats(at: Place, agency: models.Account) -> AsyncIterator[Seat]:
    here = await models.Location.get(id=ids.parse_id(ids.LOCATION, at.here["locationId"]))
    for role in Role:
        yield Seat(f"own {role}", await make.member(at.account, role), at, role)
        limited = await make.member(at.account, role, all_locations=False)
        await make.assign(limited, here)
        yield Seat(f"own {role} of one location", limited, at, role, sees_there=False)
    yield Seat("a stranger", await make.member(await make.account()), at, None)
    if at.account.kind is AccountKind.AGENCY_CLIENT:
        for role in Role:
            everywhere = await make.member(agency, role)
            yield Seat(f"agency's {role}", everywhere, at, Role.ADMIN if role is Role.OWNER else role, agency=True)
            some = await make.member(agency, role, all_clients=False)
            sees = role in BILLING
            acts_as = Role.ADMIN if sees else None
            yield Seat(f"agency's {role}, assigned to none", some, at, acts_as, agency=True)
        manager = await make.member(agency, Role.MANAGER, all_clients=False)
        await make.assign_clients(manager, at.account)
        yield Seat("agency's MANAGER, assigned", manager, at, Role.MANAGER, agency=True)


# Operations, generated from the schema


@dataclass(frozen=True)
class Probe:
    """An operation that selects one guarded thing; `way`: the response's path to it. `elsewhere`: the ids are those of
    the second location."""

    coordinate: str
    document: str
    way: tuple[str | int, ...]
    elsewhere: bool = False


@dataclass
class Probes:
    """Every guarded coordinate by every way there is."""

    schema: GraphQLSchema
    _ways: dict[str, list[tuple[str, tuple[str | int, ...]]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        account = "account(id: $accountId) { id %s }"
        table = account % "customers(filter: {locationIds: [$locationId]}) { edges { node { invitation { %s } } } }"
        history = account % "customer(id: $customerId) { invitations { edges { node { %s } } } }"
        self._ways = {
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
        for document, way in self._documents(coordinate):
            yield Probe(coordinate, document, way)
            if _of_location(document):
                yield Probe(coordinate, document, way, elsewhere=True)

    def _documents(self, coordinate: str) -> Iterator[tuple[str, tuple[str | int, ...]]]:
        kind, _, name = coordinate.partition(".")
        if not name:
            yield self._operation("query", "node(id: $bulkImportId) { id }"), ("node",)
            yield self._operation("query", "nodes(ids: [$bulkImportId]) { id }"), ("nodes", 0)
            return
        if kind in ("Mutation", "Subscription"):
            yield self._operation(kind.lower(), self._field(kind, name)), (name,)
            return
        assert kind in self._ways, (
            f"{coordinate} is guarded, and nothing here leads to {kind}: add a way to Probes._ways."
        )
        for pattern, way in self._ways[kind]:
            yield self._operation("query", pattern % self._field(kind, name)), (*way, name)

    @staticmethod
    def _operation(kind: str, selection: str) -> str:
        used = ", ".join(f"${name}: ID!" for name in IDS if f"${name}" in selection)
        return f"{kind} ({used}) {{ {selection} }}"

    def _field(self, kind: str, name: str) -> str:
        """With what it must be given, and as little of its answer as there is."""
        of = self.schema.type_map[kind]
        assert isinstance(of, GraphQLObjectType)
        made = of.fields[name]
        given = [
            f"{key}: {self._value(argument.type, f'{name}Id' if key == 'id' else key)}"
            for key, argument in made.args.items()
            if is_required_argument(argument)
        ]
        arguments = f"({', '.join(given)})" if given else ""
        if is_leaf_type(get_named_type(made.type)):
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
            assert name in IDS, f"An input takes {name}, which no place has: add it to IDS and to _things."
        simple = {"ID": f"${name}", "DateTime": '"2026-05-01T10:00:00Z"', "Int": "1"}
        return simple.get(str(kind), '"x"')


def _of_location(document: str) -> bool:
    """Whether the location's objects are asked for, and not the account's alone."""
    return any(f"${name}" in document for name in ("locationId", "invitationId", "customerId", "bulkImportId"))


# Asking, and looking at the answers

Ask = Callable[[models.User, str, dict[str, str]], Awaitable[Json]]
_TOLD = " ".join(f"{name} {{ allowed code reason requiredRoles requiredPlans }}" for name in CAPABILITIES)
CAN = f"""query ($accountId: ID!, $invitationId: ID!) {{
  account(id: $accountId) {{ can {{ {_TOLD} }} }}
  node(id: $invitationId) {{ ... on Invitation {{
    canStop {{ allowed code reason }} canRestart {{ allowed code reason }} }} }} }}"""


@dataclass
class Checks:
    """`wrong`: what is not as expected, in words. `number`: how much was compared."""

    seat: Seat
    wrong: list[str] = field(default_factory=list)
    number: int = 0

    def same(self, what: str, found: object, expected: object) -> None:
        self.number += 1
        if found != expected:
            self.wrong.append(f"{self.seat.name}, {self.seat.place.account.kind} on {self.seat.place.account.plan}: "
                              f"{what} is {found}, not {expected}")  # fmt: skip


async def try_probe(ask: Ask, seat: Seat, probe: Probe) -> Checks:
    checks = Checks(seat)
    given = seat.place.there if probe.elsewhere else seat.place.here
    answer = await ask(seat.user, probe.document, given)
    errors = answer.get("errors", [])
    found = _at(answer.get("data"), probe.way)
    if seat.acts_as is None or (probe.elsewhere and not seat.sees_there):
        _does_not_exist(checks, probe, answer, errors)
        return checks
    expected = EXPECTED[probe.coordinate]
    missing = seat.missing(expected)
    what = f"{probe.coordinate} by {probe.document}"
    checks.same(f"{what}: whether there is something", found is not None, not missing)
    checks.same(f"{what}: number of errors", len(errors), 1 if missing and not expected.hidden else 0)
    for error in errors:
        told = error.get("extensions", {})
        checks.same(f"{what}: code", told.get("code"), "FORBIDDEN")
        checks.same(f"{what}: coordinate", told.get("coordinate"), probe.coordinate)
        checks.same(f"{what}: requires", told.get("requires"), missing)
        checks.same(f"{what}: path", error.get("path"), list(probe.way))
        checks.same(f"{what}: a sentence", bool(error.get("message")), True)
    return checks


def _does_not_exist(checks: Checks, probe: Probe, answer: Json, errors: list[Json]) -> None:
    """Null or NOT_FOUND, where neither can be BAD_USER_INPUT; never FORBIDDEN, whatever the role."""
    what = f"{probe.coordinate} by {probe.document}"
    codes = {error["extensions"]["code"] for error in errors}
    if probe.coordinate.startswith("Mutation."):
        payload = (answer.get("data") or {}).get(probe.way[0]) or {}
        checks.same(f"{what}: codes", {one["code"] for one in payload.get("userErrors", [])}, {"NOT_FOUND"})
    elif probe.coordinate.startswith("Subscription.") or (
        "usage(locationId" in probe.document and checks.seat.acts_as is not None
    ):
        checks.same(f"{what}: codes", codes, {"BAD_USER_INPUT"})
    else:
        guarded = "Account.bulkImport" in probe.coordinate and checks.seat.acts_as is Role.VIEWER
        checks.same(f"{what}: errors", codes, {"FORBIDDEN"} if guarded else set())
        checks.same(f"{what}: what there is", _at(answer.get("data"), probe.way), None)


def _at(data: Any, way: tuple[str | int, ...]) -> Any:
    """None where the way ends before."""
    for step in way:
        if data is None or (isinstance(step, int) and len(data) <= step):
            return None
        data = data[step]
    return data


async def try_can(ask: Ask, seat: Seat) -> Checks:
    """What is told beforehand, by the same expectations."""
    checks = Checks(seat)
    answer = await ask(seat.user, CAN, seat.place.here)
    checks.same("errors of can", answer.get("errors", []), [])
    account = (answer.get("data") or {}).get("account")
    checks.same("whether there is an account", account is not None, seat.acts_as is not None)
    if account is None or seat.acts_as is None:
        return checks
    for name, coordinate in CAPABILITIES.items():
        missing, told = seat.missing(EXPECTED[coordinate]), account["can"][name]
        code = next((code for kind, code in _CODES.items() if kind in missing), None)
        checks.same(f"can.{name}", told["allowed"], not missing)
        checks.same(f"can.{name}.code", told["code"], code)
        checks.same(f"can.{name}.reason", bool(told["reason"]), bool(missing))
        checks.same(f"can.{name}.requiredRoles", told["requiredRoles"], missing.get("roles"))
        checks.same(f"can.{name}.requiredPlans", told["requiredPlans"], missing.get("plans"))
    _can_of_invitation(checks, answer["data"]["node"])
    return checks


_CODES = {"roles": "ROLE", "plans": "PLAN", "kinds": "ACCOUNT_KIND"}


def _can_of_invitation(checks: Checks, invitation: Json) -> None:
    """Of the two, the state allows one at a time; the role comes first."""
    may = checks.seat.acts_as in NOT_VIEWER
    stop, restart = invitation["canStop"], invitation["canRestart"]
    checks.same("canStop or canRestart", stop["allowed"] or restart["allowed"], may)
    checks.same("canStop and canRestart", stop["allowed"] and restart["allowed"], False)
    for told in (stop, restart):
        checks.same("why not", told["code"], None if told["allowed"] else "STATE" if may else "ROLE")
        checks.same("a reason", bool(told["reason"]), not told["allowed"])


ACCOUNTS = list(itertools.product(AccountKind, PlanTier))
