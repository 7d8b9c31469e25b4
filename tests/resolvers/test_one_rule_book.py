"""Inviting one customer and inviting a list of one always agree: in the verdict, in what is stored, and in the counters."""

import asyncio
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

import asyncpg
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import models
from models.clock import clock
from models.commands.intake import Person
from models.commands.row_verdicts import CODES
from models.connection import WORK, fetch, pool
from models.rules import ids
from models.rules.email import email_or_none
from models.rules.enums import Channel, InvitationState, UserErrorCode
from models.rules.errors import Refusal
from models.rules.phone import phone_or_none
from tests import factories as make
from tests.bulk_import.imports import add_sms_step, run_import, verdicts
from tests.gateway import Api
from tests.resolvers.test_commands import INVITE
from tests.years import set_unused_year

pytestmark = pytest.mark.usefixtures("db")
T = TypeVar("T")
EMAIL, SMS = Channel.EMAIL, Channel.SMS
EMAILS = (
    "",
    "-",
    "ann@example.org",
    "ANN@Example.org",
    "ann+news@example.org",
    "ben@example.org",
    "ann at example.org",
)
PHONES = ("", "n/a", "0151 12345678", "+49 151 12345678", "0151 87654321", "+1 212 555 0123", "12")
NAMES = ("", "Ann", " Ann ", "Zoë")
HEADER = "First,Last,Mail,Phone,Seller,Thing"
MAPPING = [
    {"column": column, "field": field}
    for column, field in zip(
        HEADER.split(","), ("FIRST_NAME", "LAST_NAME", "EMAIL", "PHONE", "EMPLOYEE", "SERVICE"), strict=True
    )
]


@dataclass(frozen=True)
class Before:
    """Something that happened earlier: to the person with these addresses, this many days ago."""

    what: str
    email: str
    phone: str
    channels: tuple[Channel, ...]
    days: int
    elsewhere: bool


@dataclass(frozen=True)
class World:
    """Everything that a verdict may depend on."""

    steps: tuple[float, ...]
    sms_step: int | None
    cool_down: int
    overrides: dict[str, int]
    before: Sequence[Before]


addresses = st.tuples(st.sampled_from(EMAILS[2:6]), st.sampled_from(("", *PHONES[2:6])))
channels = st.sampled_from([(EMAIL,), (SMS,), (EMAIL, SMS), (SMS, EMAIL)])
before = st.builds(
    lambda what, who, *rest: Before(what, *who, *rest),
    st.sampled_from(["open", "sent", "cancelled", "no mail", "no sms"]),
    addresses,
    channels,
    st.sampled_from([0, 29, 30, 31, 200]),
    st.booleans(),
)
worlds = st.builds(
    World,
    steps=st.sampled_from([(0,), (0, 3), ()]),
    sms_step=st.sampled_from([None, 9]),
    cool_down=st.sampled_from([0, 30]),
    overrides=st.sampled_from([{}, {}, {"invitations": 0}, {"invitations_per_day": 0}, {"steps": 1}]),
    before=st.lists(before, max_size=3),
)
records = st.tuples(*map(st.sampled_from, (NAMES, NAMES, EMAILS, PHONES, ("", "Kim"), ("", "Cut, wash"))))


async def build(world: World) -> models.Location:
    account = await make.account()
    here = await make.location(account, steps=world.steps, cool_down_days=world.cool_down)
    there = await make.location(account, steps=(0,))
    await add_sms_step(there)
    if world.sms_step:
        await add_sms_step(here, number=world.sms_step)
    for one in world.before:
        await _happen(account, there if one.elsewhere else here, one)
    await models.Account.filter(id=account.id).update(overrides=world.overrides)
    return here


async def _happen(account: models.Account, place: models.Location, one: Before) -> None:
    number, national = phone_or_none(one.phone, "DE")
    person = make.person(email=email_or_none(one.email), phone=number, phone_national=national)
    with suppress(Refusal, asyncpg.UniqueViolationError):  # in both worlds alike
        if one.what == "no mail":
            await make.suppressed(account, person.email)
        elif one.what == "no sms":
            await make.suppressed(account, number or "+4915100000000", SMS)
        else:
            await _invited(place, person, one)


async def _invited(place: models.Location, person: Person, one: Before) -> None:
    key = await make.invited(place, person, channels=list(one.channels))
    if one.what != "open":
        await models.Invitation.filter(id=key).update(
            state=InvitationState.CANCELLED if one.what == "cancelled" else InvitationState.COMPLETED,
            first_sent_at=clock.now() - timedelta(days=one.days) if one.what == "sent" else None,
        )


_STORED = {
    "customers": """select first_name, last_name, email, phone, phone_national, time_zone, zone_spread, employee, service,
      invited_on, (select state from invitation i where i.id = latest_invitation_id) as latest
      from customer c where account_id = $1""",
    "invitations": """select i.state, i.channels, i.reserved_cycle, i.employee, i.service, i.taken_in_at, c.email, c.phone
      from invitation i join customer c on c.id = i.customer_id where i.account_id = $1""",
    "messages": """select m.step, m.channel, m.after_seconds, m.at_minute, m.due_at, m.state, m.attempts
      from message m where m.account_id = $1""",
    "lanes": """select channel, min(next_due) from lane where account_id = $1 group by channel, location_id""",
    "usage": "select cycle_starts_on, invited, reserved from account_usage where account_id = $1",
    "place": "select cycle_starts_on, invited, reserved from location_usage where account_id = $1",
    "day": "select day, taken_in, restarted from account_day where account_id = $1",
    "events": "select kind, actor_kind, occurred_at from activity_event where account_id = $1",
}


async def stored(account: Any) -> dict[str, list[tuple[Any, ...]]]:
    return {
        name: sorted((tuple(row) for row in await fetch(pool(WORK), query, account)), key=repr)
        for name, query in _STORED.items()
    }


async def alone(api: Api, location: models.Location, record: tuple[str, ...], wanted: Sequence[Channel]) -> str | None:
    """The code of inviteCustomer as a list calls it; None if the customer is invited."""
    names = ("firstName", "lastName", "email", "phone", "employee", "service")
    given = {name: value for name, value in zip(names, record, strict=True) if value}
    who = await make.member(await models.Account.get(id=location.account_id))
    place = ids.public_id(ids.LOCATION, location.id)
    answer = await api.data(who, INVITE, input=given | {"locationId": place, "channels": list(wanted)})
    errors = answer["inviteCustomer"]["userErrors"]
    if not errors:
        return None
    code = UserErrorCode(errors[0]["code"])
    return str(CODES.get(code, code))


async def in_a_list(location: models.Location, record: tuple[str, ...], wanted: Sequence[Channel]) -> str | None:
    line = ",".join(f'"{value}"' for value in record)
    (code,) = await verdicts(
        await run_import(location, line, header=HEADER, mapping=MAPPING, channels=[str(one) for one in wanted])
    )
    return code


async def compare(api: Api, world: World, record: tuple[str, ...], wanted: Sequence[Channel]) -> None:
    one, other = await build(world), await build(world)
    results = (await alone(api, one, record, wanted), await in_a_list(other, record, wanted))
    assert results[0] == results[1]
    assert await stored(one.account_id) == await stored(other.account_id)


def has_needless_fault(world: World, record: tuple[str, ...], wanted: Sequence[Channel]) -> bool:
    """Whether an address cannot be read that no channel needs: a list leaves it out, and a form says so at once."""
    has_sms = world.sms_step is not None and SMS in wanted and world.overrides.get("steps") != 1
    has_sms = has_sms or (world.sms_step is not None and SMS in wanted and not world.steps)
    has_email = bool(world.steps) and EMAIL in wanted
    return (record[2] == EMAILS[-1] and not has_email) or (record[3] == PHONES[-1] and not has_sms)


async def agree(api: Api, examples: int) -> None:
    loop = asyncio.get_running_loop()

    def run(work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, loop).result(30)

    @settings(max_examples=examples, suppress_health_check=list(HealthCheck))
    @given(worlds, records, channels)
    def property_holds(world: World, record: tuple[str, ...], wanted: Sequence[Channel]) -> None:
        assume(any(record) and not has_needless_fault(world, record, wanted))
        run(compare(api, world, record, wanted))

    await asyncio.to_thread(property_holds)


async def test_one_customer_and_a_list_of_one_agree(api: Api) -> None:
    set_unused_year()
    await agree(api, 40)


@pytest.mark.long
async def test_one_customer_and_a_list_of_one_agree_in_many_more_worlds(api: Api) -> None:
    set_unused_year()
    await agree(api, 500)
