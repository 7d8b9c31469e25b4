"""What a dry run says that starting the list would do: when sending would end, and what it would take of the allowance."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import models
from bulk_import import runner
from models.clock import clock
from models.rules import ids
from models.rules.enums import AccountKind, Role
from tests import factories as make
from tests.bulk_import.imports import create_import, people
from tests.gateway import Api, Json
from tests.resolvers.test_usage import boost

FORECAST = """query ($id: ID!) { node(id: $id) { ... on BulkImport { progress { state estimatedFinishAt } forecast {
  estimatedFinishAt cycles { invitations usage {
    totalInvited allowance reserved remaining invitedThisCycle locationAllowance cycleStartsOn resetsOn } } } } } }"""
MAY = datetime(2026, 5, 30, 10, tzinfo=UTC)  # noon in Berlin, 36 hours before the reset


async def forecast(api: Api, who: models.User, key: UUID) -> Json | None:
    node: Json = (await api.data(who, FORECAST, id=ids.public_id(ids.BULK_IMPORT, key)))["node"]
    found: Json | None = node["forecast"]
    return found


async def checked(location: models.Location, number: int, prefix: str, **speed: Any) -> UUID:
    key = await create_import(location, *people(number, make.unique(prefix)), dry_run=True, **speed)
    await runner.run(key)
    return key


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


async def test_needs_and_allowance_are_told_by_cycle(api: Api) -> None:
    clock.set(MAY)
    account = await make.account(overrides={"invitations": 100})
    here, there = await make.location(account, allowance=50), await make.location(account)
    await boost(account, "2026-06-01", 7)
    await make.sent(await make.invited(here))
    await make.invited(there)
    await make.invited(there, send_at=MAY + timedelta(days=3))
    key = await checked(here, 45, "cycles", per_hour=1)
    found = await forecast(api, await make.member(account), key)
    assert found is not None
    may, june = found["cycles"]
    names = ("totalInvited", "allowance", "reserved", "remaining", "invitedThisCycle", "locationAllowance")
    assert (may["invitations"], june["invitations"]) == (36, 9)
    assert [may["usage"][name] for name in names] == [1, 100, 1, 98, 1, 50]
    assert [june["usage"][name] for name in names] == [0, 107, 1, 106, 0, 50]
    assert (june["usage"]["cycleStartsOn"], june["usage"]["resetsOn"]) == ("2026-06-01", "2026-07-01")


async def test_the_end_is_the_one_that_starting_the_list_has(api: Api) -> None:
    clock.set(MAY)
    account = await make.account()
    owner = await make.member(account)
    location = await make.location(account, email_from_hour=9, email_until_hour=18)
    key = await checked(location, 40, "end", spread_over_days=3)
    clock.move(timedelta(days=2))
    found = await forecast(api, owner, key)
    assert found is not None
    text = "mutation ($id: ID!) { startBulkImport(input: {bulkImportId: $id}) { userErrors { code } } }"
    await api.data(owner, text, id=ids.public_id(ids.BULK_IMPORT, key))
    await runner.run(key)
    node = (await api.data(owner, FORECAST, id=ids.public_id(ids.BULK_IMPORT, key)))["node"]
    assert node["progress"] == {"state": "COMPLETED", "estimatedFinishAt": found["estimatedFinishAt"]}
    assert moment(found["estimatedFinishAt"]) > clock.now() + timedelta(days=2)
    assert node["forecast"] is None


async def test_a_list_that_invites_nobody_has_no_end(api: Api) -> None:
    account = await make.account(overrides={"invitations": 0})
    found = await forecast(api, await make.member(account), await checked(await make.location(account), 2, "nobody"))
    assert found is not None
    assert found["estimatedFinishAt"] is None
    assert [(one["invitations"], one["usage"]["remaining"]) for one in found["cycles"]] == [(0, 0)]


async def test_a_clients_own_members_do_not_see_its_allowance_in_the_forecast(api: Api) -> None:
    agency = await make.account(kind=AccountKind.AGENCY)
    client = await make.account(kind=AccountKind.AGENCY_CLIENT, agency_id=agency.id)
    key = await checked(await make.location(client, allowance=9), 2, "client")
    own = await forecast(api, await make.member(client, Role.OWNER), key)
    through_agency = await forecast(api, await make.member(agency, Role.ADMIN), key)
    assert own is not None
    assert through_agency is not None
    (seen,), (hidden,) = through_agency["cycles"], own["cycles"]
    assert (seen["usage"]["remaining"], seen["usage"]["allowance"]) == (5000, 5000)
    guarded = dict.fromkeys(("totalInvited", "allowance", "reserved", "remaining"))
    assert hidden == seen | {"usage": seen["usage"] | guarded}


async def test_a_viewer_does_not_see_the_forecast(api: Api) -> None:
    account = await make.account()
    key = await checked(await make.location(account), 2, "viewer")
    answer = await api.ask(await make.member(account, Role.VIEWER), FORECAST, id=ids.public_id(ids.BULK_IMPORT, key))
    assert answer["data"] == {"node": None}
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]


async def test_a_list_over_many_cycles_tells_the_first_ones(api: Api) -> None:
    clock.set(MAY)
    account = await make.account(overrides={"invitations": 1000})
    location = await make.location(account, email_from_hour=9, email_until_hour=10)
    key = await checked(location, 400, "long", per_hour=1)
    found = await forecast(api, await make.member(account), key)
    assert found is not None
    starts = [one["usage"]["cycleStartsOn"] for one in found["cycles"]]
    assert (len(starts), starts[0], starts[-1]) == (12, "2026-05-01", "2027-04-01")
    assert moment(found["estimatedFinishAt"]).year == 2027
