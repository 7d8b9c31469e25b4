"""Every connection: its pages cover every row once, and accept only its own cursors."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import pytest

import models
from models.clock import clock
from models.commands import activity
from models.commands.activity import SYSTEM, Event, Subject
from models.connection import WORK, execute, pool, transaction
from models.rules import ids
from models.rules.enums import ActivityKind
from tests import factories as make
from tests.gateway import Api, Json

NUMBER = 5
OPENING = "query ($first: Int, $after: String, $id: ID!) { "
PAGE = (
    "(first: $first, after: $after) { edges { cursor node { %s } } pageInfo { hasNextPage endCursor } totalCount } } }"
)
DOCUMENTS = {
    "customers": OPENING + "account(id: $id) { found: customers" + (PAGE % "id").replace("Count", "Count { value }"),
    "locations": OPENING + "account(id: $id) { found: locations" + PAGE % "id",
    "bulkImports": OPENING + "account(id: $id) { found: bulkImports" + PAGE % "id",
    "invitations": OPENING + "node(id: $id) { ... on Customer { found: invitations" + PAGE % "id" + " }",
    "activity": OPENING + "node(id: $id) { ... on Customer { found: activity" + PAGE % "id" + " }",
    "invitation's activity": OPENING + "node(id: $id) { ... on Invitation { found: activity" + PAGE % "id" + " }",
    "rowErrors": OPENING + "node(id: $id) { ... on BulkImport { found: rowErrors" + PAGE % "row column" + " }",
}


@dataclass(frozen=True)
class Owned:
    """A member, and the id of each connection's parent by the connection's name."""

    owner: models.User
    ids: dict[str, str]


async def business() -> Owned:
    """A business with five of everything. The second and third have the same time or name, where a page of two ends."""
    account = await make.account()
    places = [await make.location(account, name=f"Branch {(number + 1) // 2}") for number in range(NUMBER)]
    for at in places[1:]:
        await make.invited(at)
    customer, invitation = await _customer(places[0])
    imports = [await make.bulk_import(places[0], judged_rows=NUMBER) for _ in range(NUMBER)]
    for number in range(NUMBER):
        text = "insert into import_row_error values ($1, $2, $3, $4, 'Mail', 'x', 'INVALID_EMAIL', 'Correct it.')"
        await execute(pool(WORK), text, imports[0], account.id, (number + 1) // 2, number % 2)
    of_account = ids.public_id(ids.ACCOUNT, account.id)
    owned = dict.fromkeys(("customers", "locations", "bulkImports"), of_account)
    owned |= dict.fromkeys(("invitations", "activity"), ids.public_id(ids.CUSTOMER, customer))
    owned |= {"invitation's activity": ids.public_id(ids.INVITATION, invitation)}
    return Owned(await make.member(account), owned | {"rowErrors": ids.public_id(ids.BULK_IMPORT, imports[0])})


async def _customer(at: models.Location) -> tuple[UUID, UUID]:
    """A customer invited five times, whose last invitation has five events; the keys of both."""
    await models.Location.filter(id=at.id).update(cool_down_days=0)
    whom = make.person()
    for _ in range(NUMBER):
        key = await make.invited(at, whom)
        await models.Invitation.filter(id=key).update(state="COMPLETED")
    row = await models.Invitation.get(id=key)
    await make.forget_events(row.customer_id)
    async with transaction(WORK) as tx:
        now = clock.now()
        times = [now - timedelta(minutes=(number + 1) // 2) for number in range(NUMBER)]
        await activity.record_events(tx, [_event(row, when) for when in times])
    return row.customer_id, key


def _event(of: models.Invitation, when: datetime) -> Event:
    return Event(Subject(of.account_id, of.location_id, of.customer_id, of.id), ActivityKind.OPENED, SYSTEM, when)


async def page(api: Api, of: Owned, name: str, **given: object) -> Json:
    data = await api.data(of.owner, DOCUMENTS[name], id=of.ids[name], **given)
    found: Json = next(iter(data.values()))["found"]
    return found


@pytest.mark.parametrize("name", DOCUMENTS)
async def test_pages_cover_every_row_once(api: Api, name: str) -> None:
    of = await business()
    whole = await page(api, of, name)
    assert len(whole["edges"]) == NUMBER
    assert whole["totalCount"] in (NUMBER, {"value": NUMBER})
    seen, after = [], None
    for more in (True, True, False):
        part = await page(api, of, name, first=2, after=after)
        assert part["pageInfo"]["hasNextPage"] is more
        seen += part["edges"]
        after = part["pageInfo"]["endCursor"]
    assert seen == whole["edges"]
    assert (await page(api, of, name, first=2, after=after))["edges"] == []


@pytest.mark.parametrize("name", DOCUMENTS)
async def test_cursor_of_another_connection_is_refused(api: Api, name: str) -> None:
    of, other = await business(), await business()
    foreign = [(await page(api, other, name, first=1))["pageInfo"]["endCursor"]]
    foreign += [(await page(api, of, one, first=1))["pageInfo"]["endCursor"] for one in DOCUMENTS if one != name]
    for cursor in ("", "x", *foreign):
        answer = await api.ask(of.owner, DOCUMENTS[name], id=of.ids[name], after=cursor)
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"], cursor


async def test_empty_before_cursor_is_refused(api: Api) -> None:
    of = await business()
    answer = await api.ask(of.owner, '{ account { customers(last: 1, before: "") { edges { cursor } } } }')
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]
