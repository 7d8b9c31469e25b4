"""Every guarded coordinate for every role, plan, kind of account and seat: real operations against what is expected."""

import asyncio

import pytest

import models
from models.rules.enums import AccountKind, PlanTier
from permissions.policy import POLICY
from schema import root
from tests.asking import Api, Json, receive, subscribe
from tests.permissions import matrix
from tests.permissions.matrix import ACCOUNTS, EXPECTED, Checks, Probes, Seat

LEAST_CHECKS = 1300
"""Of one kind and plan; all of them are some 27,000."""


def asking(api: Api) -> matrix.Ask:
    async def ask(who: models.User, document: str, given: dict[str, str]) -> Json:
        if not document.startswith("subscription"):
            return await api.ask(who, document, **given)
        async with api.greeted(who) as socket:
            await subscribe(socket, document, **given)
            message = await receive(socket)
            if message["type"] == "error":
                return {"errors": message["payload"]}
            return dict(message["payload"])

    return ask


def test_every_rule_is_expected() -> None:
    missing, gone = sorted(POLICY.keys() - EXPECTED.keys()), sorted(EXPECTED.keys() - POLICY.keys())
    assert not missing, f"write down in tests/permissions/matrix.py, EXPECTED, who may: {missing}"
    assert not gone, f"the policy has no rule for these any more: {gone}"


@pytest.mark.parametrize("gateway", ["api", pytest.param("walled", marks=pytest.mark.long)])
@pytest.mark.parametrize(("kind", "plan"), ACCOUNTS, ids=str)
async def test_who_may_what(api: Api, walled: Api, gateway: str, kind: AccountKind, plan: PlanTier) -> None:
    ask, probes = asking(walled if gateway == "walled" else api), Probes(root.build().core)
    at, agency = await matrix.place(kind, plan)

    async def of_seat(seat: Seat) -> list[Checks]:
        found = [await matrix.try_can(ask, seat)]
        for coordinate in EXPECTED:
            found += [await matrix.try_probe(ask, seat, probe) for probe in probes.of(coordinate)]
        return found

    every = await asyncio.gather(*[of_seat(seat) async for seat in matrix.seats(at, agency)])
    checks = [one for of_one in every for one in of_one]
    assert [wrong for one in checks for wrong in one.wrong] == []
    assert sum(one.number for one in checks) > LEAST_CHECKS
