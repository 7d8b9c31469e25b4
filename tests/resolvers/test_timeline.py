"""The timeline by day uses the account's time zone, not the location's or the server's."""

from datetime import datetime

import pytest

import models
from models.commands import activity
from models.commands.activity import SYSTEM, Event, Subject
from models.connection import WORK, transaction
from models.rules import ids
from models.rules.enums import ActivityKind, MessageState
from tests import factories as make
from tests.gateway import Api

DAYS = """query ($id: ID!, $first: Int) { node(id: $id) { ... on Customer {
  activityByDay(first: $first) { date events { occurredAt } } } } }"""


async def happened(zone: str, *moments: str) -> tuple[models.User, str]:
    """A member, and the id of a customer with events at exactly these times."""
    account = await make.account(time_zone=zone)
    location = await make.location(account, time_zone="America/New_York")
    row = await models.Invitation.get(id=await make.invited(location))
    await make.forget_events(row.customer_id)
    subject = Subject(account.id, location.id, row.customer_id, row.id)
    events = [Event(subject, ActivityKind.OPENED, SYSTEM, datetime.fromisoformat(moment)) for moment in moments]
    async with transaction(WORK) as tx:
        await activity.record_events(tx, events)
    return await make.member(account), ids.public_id(ids.CUSTOMER, row.customer_id)


async def days(api: Api, who: models.User, id: str, **given: object) -> list[tuple[str, list[str]]]:
    """Each day with the times of its events."""
    found = (await api.data(who, DAYS, id=id, **given))["node"]["activityByDay"]
    return [(day["date"], [event["occurredAt"][11:16] for event in day["events"]]) for day in found]


@pytest.mark.parametrize(
    ("zone", "moments", "shown"),
    [
        ("UTC", ("2026-05-01T23:59Z", "2026-05-02T00:00Z"), [("2026-05-02", ["00:00"]), ("2026-05-01", ["23:59"])]),
        ("Europe/Berlin", ("2026-05-01T21:59Z", "2026-05-01T22:00Z"), [("2026-05-02", ["22:00"]), ("2026-05-01", ["21:59"])]),
        ("Pacific/Auckland", ("2026-05-01T11:59Z", "2026-05-01T12:01Z"), [("2026-05-02", ["12:01"]), ("2026-05-01", ["11:59"])]),
        ("America/Los_Angeles", ("2026-05-02T06:59Z", "2026-05-01T07:00Z"), [("2026-05-01", ["06:59", "07:00"])]),
        ("Asia/Kathmandu", ("2026-05-01T18:14Z", "2026-05-01T18:15Z"), [("2026-05-02", ["18:15"]), ("2026-05-01", ["18:14"])]),
        # The clocks go forward: a day of 23 hours.
        ("Europe/Berlin", ("2026-03-28T23:00Z", "2026-03-29T21:59Z", "2026-03-29T22:00Z"),
         [("2026-03-30", ["22:00"]), ("2026-03-29", ["21:59", "23:00"])]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
async def test_days_start_at_midnight_in_the_accounts_time_zone(
    api: Api, zone: str, moments: tuple[str, ...], shown: list[tuple[str, list[str]]]
) -> None:
    assert await days(api, *await happened(zone, *moments)) == shown


async def test_first_days_are_the_most_recent_and_complete(api: Api) -> None:
    moments = [f"2026-05-{day:02}T{hour}:00Z" for day in range(1, 5) for hour in (10, 12)]
    who, customer = await happened("Europe/Berlin", *moments)
    shown = await days(api, who, customer, first=2)
    assert shown == [("2026-05-04", ["12:00", "10:00"]), ("2026-05-03", ["12:00", "10:00"])]
    assert len(await days(api, who, customer)) == 4


@pytest.mark.parametrize("first", [0, 101])
async def test_first_outside_its_range_is_refused(api: Api, first: int) -> None:
    who, customer = await happened("UTC", "2026-05-01T10:00Z")
    answer = await api.ask(who, DAYS, id=customer, first=first)
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]


async def test_a_message_that_a_worker_has_claimed_is_shown_as_scheduled(api: Api) -> None:
    account = await make.account()
    key = await make.invited(await make.location(account, steps=(0,)))
    await models.Message.filter(invitation_id=key).update(state=MessageState.CLAIMED)
    document = "query ($id: ID!) { node(id: $id) { ... on Invitation { messages { state } } } }"
    shown = await api.data(await make.member(account), document, id=ids.public_id(ids.INVITATION, key))
    assert shown["node"]["messages"] == [{"state": "SCHEDULED"}]
