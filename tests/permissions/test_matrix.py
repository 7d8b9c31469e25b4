"""Operations on every guarded coordinate match the matrix, for every role, plan, kind of account and seat."""

import asyncio

import pytest

import models
from models.rules.enums import AccountKind, PlanTier
from permissions.policy import POLICY
from schema import root
from tests.gateway import Api, Json, receive, subscribe
from tests.permissions import matrix
from tests.permissions.matrix import ACCOUNTS, EXPECTED, Checks, Probes, Seat

FURTHER = ("interpreting_api", "row_security_api")
MIN_CHECKS = 1300
"""For one kind and plan; about 27,000 in total."""


def ask_through(api: Api) -> matrix.Ask:
    async def ask(user: models.User, document: str, variables: dict[str, str]) -> Json:
        if not document.startswith("subscription"):
            return await api.ask(user, document, **variables)
        async with api.connected(user) as socket:
            await subscribe(socket, document, **variables)
            message = await receive(socket)
            if message["type"] == "error":
                return {"errors": message["payload"]}
            return dict(message["payload"])

    return ask


def test_every_rule_has_an_expectation() -> None:
    missing, removed = sorted(POLICY.keys() - EXPECTED.keys()), sorted(EXPECTED.keys() - POLICY.keys())
    assert not missing, f"add these to EXPECTED in tests/permissions/matrix.py: {missing}"
    assert not removed, f"the policy no longer has a rule for these: {removed}"


@pytest.fixture(scope="session")
def gateways(api: Api, interpreting_api: Api, row_security_api: Api) -> dict[str, Api]:
    return {"api": api, "interpreting_api": interpreting_api, "row_security_api": row_security_api}


@pytest.mark.parametrize("gateway", ["api", *[pytest.param(one, marks=pytest.mark.long) for one in FURTHER]])
@pytest.mark.parametrize(("kind", "plan"), ACCOUNTS, ids=str)
async def test_permissions_match_the_matrix(
    gateways: dict[str, Api], gateway: str, kind: AccountKind, plan: PlanTier
) -> None:
    ask, probes = ask_through(gateways[gateway]), Probes(root.build().core)
    target, agency = await matrix.create_target(kind, plan)

    async def check(seat: Seat) -> list[Checks]:
        found = [await matrix.try_can(ask, seat)]
        for coordinate in EXPECTED:
            found += [await matrix.try_probe(ask, seat, probe) for probe in probes.of(coordinate)]
        return found

    checks_by_seat = await asyncio.gather(*[check(seat) async for seat in matrix.seats(target, agency)])
    checks = [one for checks_of_seat in checks_by_seat for one in checks_of_seat]
    assert [wrong for one in checks for wrong in one.wrong] == []
    assert sum(one.number for one in checks) > MIN_CHECKS
