"""A customer's name is one value: single invitations and lists fill it in alike, as a whole or not at all."""

from itertools import product

import pytest

import models
from models.rules.enums import Channel, InvitationState
from tests import factories as make
from tests.bulk_import.imports import add_sms_step, run_import, verdicts

pytestmark = pytest.mark.usefixtures("db")
Name = tuple[str | None, str | None]
KNOWN: list[Name] = [(None, None), ("Ann", None), (None, "Smith"), ("Ann", "Smith")]
GIVEN: list[Name] = [(None, None), ("Berta", None), (None, "Klein"), ("Berta", "Klein")]
PAIRS = list(product(KNOWN, GIVEN))


def address(number: int, channel: Channel) -> dict[str, str | None]:
    """The address of a person with this number: a phone number and no e-mail address, or the reverse."""
    email, phone = f"us-{number:03}@example.org", f"+4915112345{number:03}"
    return {"email": None, "phone": phone} if channel is Channel.SMS else {"email": email, "phone": None}


async def customers(channel: Channel) -> models.Location:
    """A location with a customer for each pair, whose invitation has ended."""
    location = await make.location(await make.account(), steps=(0,), cool_down_days=0)
    await add_sms_step(location)
    for number, (known, _) in enumerate(PAIRS):
        person = make.person(first_name=known[0], last_name=known[1], **address(number, channel))
        await make.invited(location, person, channels=[channel])
    await models.Invitation.filter(location_id=location.id).update(state=InvitationState.COMPLETED)
    return location


async def names(location: models.Location) -> list[Name]:
    rows = await models.Customer.filter(location_id=location.id).order_by("email", "phone")
    assert len(rows) == len(PAIRS)
    return [(row.first_name, row.last_name) for row in rows]


@pytest.fixture(params=[Channel.EMAIL, Channel.SMS])
def channel(request: pytest.FixtureRequest) -> Channel:
    return Channel(request.param)


EXPECTED = [known if any(known) else given for known, given in PAIRS]


async def test_a_single_invitation_fills_in_a_whole_name_or_none(channel: Channel) -> None:
    location = await customers(channel)
    for number, (_, given) in enumerate(PAIRS):
        person = make.person(first_name=given[0], last_name=given[1], **address(number, channel))
        await make.invited(location, person, channels=[channel])
    assert await names(location) == EXPECTED


async def test_a_list_fills_in_a_whole_name_or_none(channel: Channel) -> None:
    location = await customers(channel)
    records = [
        ",".join(value or "" for value in (*given, *address(number, channel).values()))
        for number, (_, given) in enumerate(PAIRS)
    ]
    key = await run_import(location, *records, channels=[str(channel)])
    assert await verdicts(key) == [None] * len(PAIRS)
    assert await names(location) == EXPECTED
