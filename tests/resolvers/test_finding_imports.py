"""Finding an import, and the customers it invited, by its name."""

from datetime import timedelta

import pytest

import models
from models.clock import clock
from models.connection import WORK, execute, pool
from models.reads.customer_search import FIRST_ROWS
from models.rules import ids
from models.rules.enums import Role
from tests import factories as make
from tests.bulk_import.imports import people, run_import
from tests.gateway import Api
from tests.resolvers.test_customers import table
from tests.resolvers.test_search import FILLED

IMPORTS = """query ($search: String, $first: Int, $after: String) { account {
  bulkImports(search: $search, first: $first, after: $after) {
    totalCount pageInfo { endCursor hasNextPage } edges { node { name } } } } }"""


async def home(*names: str) -> tuple[models.User, models.Location]:
    """An owner, and a location with imports of these names, the last one most recent."""
    account = await make.account()
    location = await make.location(account)
    for number, name in enumerate(names):
        await make.bulk_import(location, name=name, created_at=clock.now() + timedelta(seconds=number))
    return await make.member(account), location


async def named(api: Api, who: models.User, search: str | None) -> list[str]:
    found = (await api.data(who, IMPORTS, search=search))["account"]["bulkImports"]
    names = [edge["node"]["name"] for edge in found["edges"]]
    assert found["totalCount"] == len(names)
    return names


@pytest.mark.parametrize(
    ("search", "names"),
    [
        (None, ["Été 2026", "Spring, 50% off", "Spring customers"]),
        ("spring", ["Spring, 50% off", "Spring customers"]),
        ("SPRING cust", ["Spring customers"]),
        ("customers spring", ["Spring customers"]),
        ("ete", ["Été 2026"]),
        ("2026", ["Été 2026"]),
        ("50% spring", ["Spring, 50% off"]),
        ("spring winter", []),
        ("xx", ["Été 2026", "Spring, 50% off", "Spring customers"]),  # too short, so ignored
        ("%%%", ["Été 2026", "Spring, 50% off", "Spring customers"]),
    ],
)
async def test_imports_are_found_by_the_words_of_their_name(api: Api, search: str | None, names: list[str]) -> None:
    owner, _ = await home("Spring customers", "Spring, 50% off", "Été 2026")
    await home("Spring of somebody else")
    assert await named(api, owner, search) == names


async def test_pages_of_a_search_go_on_within_it(api: Api) -> None:
    owner, _ = await home("Spring 1", "Autumn", "Spring 2", "Spring 3")
    seen: list[str] = []
    after = None
    for _page in range(2):
        found = (await api.data(owner, IMPORTS, search="spring", first=2, after=after))["account"]["bulkImports"]
        seen += [edge["node"]["name"] for edge in found["edges"]]
        after = found["pageInfo"]["endCursor"]
    assert seen == ["Spring 3", "Spring 2", "Spring 1"]
    assert not found["pageInfo"]["hasNextPage"]


async def test_a_member_of_one_location_finds_only_its_imports(api: Api) -> None:
    _, here = await home("Spring here")
    account = await models.Account.get(id=here.account_id)
    await make.bulk_import(await make.location(account), name="Spring there")
    manager = await make.member(account, Role.MANAGER, all_locations=False)
    await make.assign(manager, here)
    assert await named(api, manager, "spring") == ["Spring here"]


async def test_customers_are_found_by_the_list_of_their_latest_invitation(api: Api) -> None:
    account = await make.account()
    owner, location = await make.member(account), await make.location(account, cool_down_days=0)
    emails = {name: f"{make.unique('spring')}@example.org" for name in ("Ann", "Ben", "Cid")}
    key = await run_import(location, *(f"{name},Lee,{email}," for name, email in emails.items()), name="Spring list")
    await run_import(location, *people(2, make.unique("autumn")), name="Autumn list")
    await models.Invitation.filter(bulk_import_id=key).update(state="COMPLETED")
    await make.invited(location, make.person(email=emails["Cid"]))  # the latest one is no longer of the list
    for given in ({"search": "spring list"}, {"filter": {"bulkImportId": ids.public_id(ids.BULK_IMPORT, key)}}):
        for order in ("INVITED_ON", "FIRST_NAME"):
            edges = (await table(api, owner, **given, order={"field": order, "direction": "DESC"}))["edges"]
            assert sorted(edge["node"]["firstName"] for edge in edges) == ["Ann", "Ben"]


@pytest.mark.parametrize("field", ["INVITED_ON", "FIRST_NAME", "NPS_SCORE"])
@pytest.mark.parametrize("direction", ["ASC", "DESC"])
async def test_pages_of_an_import_cover_its_customers_once(api: Api, field: str, direction: str) -> None:
    account = await make.account()
    owner, location = await make.member(account), await make.location(account)
    await run_import(location, *people(3, make.unique("before")))
    records = [f"{first},Lee,{make.unique('page')}@example.org," for first in ("B", "", "A", "C", "")]
    key = await run_import(location, *records)
    await run_import(location, *people(3, make.unique("after")))
    seen, after, more = [], None, True
    while more:
        given = {"filter": {"bulkImportId": ids.public_id(ids.BULK_IMPORT, key)}, "first": 2, "after": after}
        page = await table(api, owner, **given, order={"field": field, "direction": direction})
        seen += [edge["node"]["firstName"] for edge in page["edges"]]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    assert sorted(seen, key=str) == ["A", "B", "C", None, None]
    if field == "FIRST_NAME":
        assert seen == [*(["A", "B", "C"] if direction == "ASC" else ["C", "B", "A"]), None, None]


async def test_customers_of_an_old_import_are_found_behind_many_newer_ones(api: Api) -> None:
    account = await make.account()
    owner, location = await make.member(account), await make.location(account)
    key = await run_import(location, "Ann,Old,ann@example.org,")
    await make.invited(location)
    newer = await models.Customer.get(account_id=account.id, import_name=None)
    await execute(pool(WORK), FILLED, newer.id, FIRST_ROWS + 100)
    edges = (await table(api, owner, filter={"bulkImportId": ids.public_id(ids.BULK_IMPORT, key)}))["edges"]
    assert [edge["node"]["firstName"] for edge in edges] == ["Ann"]
