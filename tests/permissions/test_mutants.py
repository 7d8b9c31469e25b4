"""Every rule is held by a test: removed, widened or narrowed, each in turn, and the matrix finds it."""

import dataclasses
from collections.abc import Iterator
from datetime import timedelta

import pytest

import models
from models.clock import clock
from models.rules.enums import AccountKind, PlanTier, Role
from permissions.policy import OPEN, POLICY, Rule, UncoveredError
from plaudit.masking import Coded
from resolvers.context import Context, Identity, Shared
from resolvers.cursors import CursorBox
from resolvers.live import Live
from schema import root
from tests.asking import Json
from tests.permissions import matrix
from tests.permissions.matrix import Probes, Seat

pytestmark = pytest.mark.long
PLACES = [
    (AccountKind.BUSINESS, PlanTier.FREE),
    (AccountKind.BUSINESS, PlanTier.STARTER),
    (AccountKind.BUSINESS, PlanTier.PROFESSIONAL),
    (AccountKind.AGENCY, PlanTier.PROFESSIONAL),
    (AccountKind.AGENCY_CLIENT, PlanTier.ENTERPRISE),
]
"""Whatever a rule can be wrong about shows in one of these."""


def mutants() -> Iterator[tuple[str, Rule | None]]:
    """None: without a rule, open to every member."""
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
            # What has no parent is never hidden: nobody would learn why a command did nothing.
            yield coordinate, dataclasses.replace(rule, hidden=not rule.hidden)


def told(mutant: tuple[str, Rule | None]) -> str:
    coordinate, rule = mutant
    if rule is None:
        return f"{coordinate}-without"
    parts = [",".join(sorted(rule.roles)), rule.grant or "any plan", ",".join(sorted(rule.kinds)), str(rule.hidden)]
    return f"{coordinate}-{'-'.join(parts)}"


@pytest.fixture(scope="session")
async def seats() -> list[Seat]:
    found = []
    for kind, plan in PLACES:
        at, agency = await matrix.place(kind, plan)
        found += [seat async for seat in matrix.seats(at, agency)]
    return found


def asking(schema: root.Schema, db: str) -> matrix.Ask:
    shared = Shared(CursorBox(("a secret",)), Live(db), lambda _: False, "https://example.com/buy")

    async def ask(who: models.User, document: str, given: dict[str, str]) -> Json:
        identity = Identity(who.issuer, who.subject, None, clock.now() + timedelta(hours=1))
        context = Context(shared, identity)
        if not document.startswith("subscription"):
            return _answer(await schema.execute(document, given, context_value=context))
        async for event in await schema.stream(document, given, context_value=context):
            return _answer(event)
        return {}

    return ask


def _answer(result: object) -> Json:
    errors = getattr(result, "errors", None) or []
    return {"data": getattr(result, "data", None), "errors": [error.formatted for error in errors]}


@pytest.mark.usefixtures("tables")
@pytest.mark.parametrize("mutant", list(mutants()), ids=told)
async def test_a_rule_that_is_wrong_is_found(db: str, seats: list[Seat], mutant: tuple[str, Rule | None]) -> None:
    coordinate, rule = mutant
    if rule is None:
        del POLICY[coordinate]
        kind, _, name = coordinate.partition(".")
        OPEN[kind] = f"{OPEN.get(kind, '')} {name}"
    else:
        POLICY[coordinate] = rule
    assert await is_found(coordinate, seats, db)


async def is_found(coordinate: str, seats: list[Seat], db: str) -> bool:
    """By the operations of this coordinate, or by what is told beforehand; or the schema is not built."""
    try:
        schema = root.build(Coded)
    except UncoveredError:
        return True
    ask, probes = asking(schema, db), Probes(schema.core)
    for seat in seats:
        for probe in probes.of(coordinate):
            if (await matrix.try_probe(ask, seat, probe)).wrong:
                return True
    return False


async def test_the_right_rules_are_found_right(db: str, seats: list[Seat]) -> None:
    for coordinate in POLICY:
        assert not await is_found(coordinate, seats, db)
