"""Removes, widens and narrows each rule in turn, and checks that the matrix detects it."""

import dataclasses
from collections.abc import Iterator
from datetime import timedelta

import pytest

import models
from delivery.links import Links, LinkSigner
from models.clock import clock
from models.rules.enums import AccountKind, PlanTier, Role
from permissions.policy import OPEN, POLICY, PolicyMismatchError, Rule
from plaudit.masking import Coded
from resolvers.context import Context, Identity, Shared
from resolvers.cursors import CursorBox
from resolvers.live import Live
from schema import root
from tests.gateway import Json
from tests.permissions import matrix
from tests.permissions.matrix import Probes, Seat

pytestmark = pytest.mark.long
TARGETS = [
    (AccountKind.BUSINESS, PlanTier.FREE),
    (AccountKind.BUSINESS, PlanTier.STARTER),
    (AccountKind.BUSINESS, PlanTier.PROFESSIONAL),
    (AccountKind.AGENCY, PlanTier.PROFESSIONAL),
    (AccountKind.AGENCY_CLIENT, PlanTier.ENTERPRISE),
]
"""The accounts that suffice to detect any mistake in a rule."""


def mutants() -> Iterator[tuple[str, Rule | None]]:
    """Each coordinate with a wrong rule; None removes the rule and opens the field to every member."""
    for coordinate, rule in POLICY.items():
        yield coordinate, None
        for role in Role:
            yield coordinate, dataclasses.replace(rule, roles=rule.roles ^ {role})
        for kind in AccountKind:
            yield coordinate, dataclasses.replace(rule, kinds=rule.kinds ^ {kind})
        for grant in (None, "bulk_import", "boosts"):
            if grant != rule.grant:
                yield coordinate, dataclasses.replace(rule, grant=grant)
        if coordinate.partition(".")[0] in ("Account", "Invitation", "UsageSummary"):
            # Root fields are never hidden: the caller would not learn why a mutation did nothing.
            yield coordinate, dataclasses.replace(rule, hidden=not rule.hidden)


def label(mutant: tuple[str, Rule | None]) -> str:
    coordinate, rule = mutant
    if rule is None:
        return f"{coordinate}-without"
    parts = [",".join(sorted(rule.roles)), rule.grant or "any plan", ",".join(sorted(rule.kinds)), str(rule.hidden)]
    return f"{coordinate}-{'-'.join(parts)}"


@pytest.fixture(scope="session")
async def seats() -> list[Seat]:
    found = []
    for kind, plan in TARGETS:
        target, agency = await matrix.create_target(kind, plan)
        found += [seat async for seat in matrix.seats(target, agency)]
    return found


def ask_directly(schema: root.Schema, db: str) -> matrix.Ask:
    links = Links("https://example.com", LinkSigner(("a secret",)))
    shared = Shared(CursorBox(("a secret",)), Live(db), "https://example.com/buy", links=links)

    async def ask(user: models.User, document: str, variables: dict[str, str]) -> Json:
        identity = Identity(user.issuer, user.subject, None, clock.now() + timedelta(hours=1))
        context = Context(shared, identity)
        if not document.startswith("subscription"):
            return _answer(await schema.execute(document, variables, context_value=context))
        async for event in await schema.stream(document, variables, context_value=context):
            return _answer(event)
        return {}

    return ask


def _answer(result: object) -> Json:
    errors = getattr(result, "errors", None) or []
    return {"data": getattr(result, "data", None), "errors": [error.formatted for error in errors]}


@pytest.mark.usefixtures("policy_tables")
@pytest.mark.parametrize("mutant", list(mutants()), ids=label)
async def test_wrong_rule_is_detected(db: str, seats: list[Seat], mutant: tuple[str, Rule | None]) -> None:
    coordinate, rule = mutant
    if rule is None:
        del POLICY[coordinate]
        kind, _, name = coordinate.partition(".")
        OPEN[kind] = f"{OPEN.get(kind, '')} {name}"
    else:
        POLICY[coordinate] = rule
    assert await is_detected(coordinate, seats, db)


async def is_detected(coordinate: str, seats: list[Seat], db: str) -> bool:
    """Whether an operation on this coordinate differs from the matrix, or the schema cannot be built."""
    try:
        schema = root.build(Coded)
    except PolicyMismatchError:
        return True
    ask, probes = ask_directly(schema, db), Probes(schema.core)
    for seat in seats:
        for probe in probes.of(coordinate):
            if (await matrix.try_probe(ask, seat, probe)).wrong:
                return True
    return False


async def test_correct_rules_match_the_matrix(db: str, seats: list[Seat]) -> None:
    for coordinate in POLICY:
        assert not await is_detected(coordinate, seats, db)
