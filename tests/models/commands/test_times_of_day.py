"""Steps at a time of day: due at it, in the send hours, whatever moves them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

import models
from models.clock import clock
from models.commands import moves, send_hours
from models.commands.send_hours import Moved
from models.connection import WORK, transaction
from models.rules.enums import HoldReason, MessageState
from models.rules.lifecycle import Move
from tests import factories as make
from tests.bulk_import.imports import people, run_import
from tests.models.commands.deliveries import claim_and_stamp, deliver, due_times, restart, settle, stop
from tests.years import set_unused_year

pytestmark = pytest.mark.usefixtures("db")
BERLIN = ZoneInfo("Europe/Berlin")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
EVENING, MORNING = 18 * 60 + 30, 9 * 60


@pytest.fixture(autouse=True)
def unused_year() -> None:
    set_unused_year()  # May 4, 11:00 in Berlin


async def location(
    *minutes: int | None, steps: tuple[float, ...] = (0, 3, 7), account: models.Account | None = None, **given: int
) -> models.Location:
    """A location that sends from 9 to 19, with these times of day."""
    hours = {"email_from_hour": 9, "email_until_hour": 19}
    made = await make.location(account or await make.account(), steps=steps, **hours | given)
    for number, minute in enumerate(minutes, 1):
        await models.SequenceStep.filter(location_id=made.id, number=number).update(at_minute=minute)
    return made


def said(moments: Sequence[datetime]) -> list[str]:
    return [moment.astimezone(BERLIN).strftime("%d %H:%M") for moment in moments]


async def due(invitation: UUID) -> list[str]:
    return said(await due_times(invitation))


async def test_steps_are_due_some_days_later_at_their_time() -> None:
    invitation = await make.invited(await location(None, EVENING, MORNING))
    assert await due(invitation) == ["04 11:00", "07 18:30", "11 09:00"]


@pytest.mark.parametrize(("minute", "first"), [(EVENING, "04 18:30"), (MORNING, "05 09:00")])
async def test_a_first_step_waits_for_the_next_time_of_day(minute: int, first: str) -> None:
    assert (await due(await make.invited(await location(minute))))[0] == first


async def test_a_send_time_counts_before_the_first_steps_time_of_day() -> None:
    here = await location(EVENING, EVENING)
    invitation = await make.invited(here, send_at=clock.now() + HOUR)
    assert await due(invitation) == ["04 12:00", "07 18:30", "11 12:00"]
    await change(here, email_from_hour=10)
    assert (await due(invitation))[0] == "04 12:00"


async def test_a_list_is_due_at_the_first_steps_time_of_day_unless_it_has_a_speed() -> None:
    here = await location(EVENING, EVENING)
    for speed, first in (({}, ["04 18:30", "04 18:30"]), ({"per_hour": 1}, ["04 11:00", "04 12:00"])):
        key = await run_import(here, *people(2, f"list{len(speed)}"), **speed)
        rows = await models.Invitation.filter(bulk_import_id=key)
        times = [await due(row.id) for row in rows]
        assert sorted(one[0] for one in times) == first
        assert {one[1] for one in times} == {"07 18:30"}


async def test_the_time_of_day_is_the_recipients() -> None:
    invitation = await make.invited(await location(None, EVENING), make.person(phone="+12125550199"))
    times = [moment.astimezone(ZoneInfo("America/New_York")) for moment in await due_times(invitation)]
    assert [moment.strftime("%d %H:%M") for moment in times] == ["04 09:00", "07 18:30", "11 09:00"]


async def change(here: models.Location, **hours: object) -> Moved:
    await models.Location.filter(id=here.id).update(**hours)
    async with transaction(WORK) as tx:
        return await send_hours.move_queued(tx, await models.Location.get(id=here.id), clock.now())


async def test_hours_that_exclude_the_time_move_the_step_and_hours_that_include_it_move_it_back() -> None:
    here = await location(None, EVENING)
    invitation = await make.invited(here)
    assert await change(here, email_until_hour=17) == Moved(2, 3)
    assert await due(invitation) == ["04 11:00", "08 09:00", "12 11:00"]
    await change(here, email_until_hour=19)
    assert (await due(invitation))[1] == "08 18:30"


async def test_another_zone_moves_the_step_to_that_zones_time() -> None:
    here = await location(None, EVENING)
    invitation = await make.invited(here)
    await change(here, time_zone="Europe/London")
    assert await due(invitation) == ["04 11:00", "07 19:30", "11 11:00"]


async def test_a_step_moved_to_an_earlier_time_wakes_its_lane() -> None:
    account = await make.account()
    here = await location(EVENING, steps=(0,), account=account)
    await make.invited(here)
    await change(here, time_zone="Asia/Karachi")  # 14:00 there
    clock.move(9 * HOUR / 2)
    assert await deliver(account, MessageState.SENT) == [1]


async def test_a_restart_keeps_the_time_of_day() -> None:
    invitation = await make.invited(await location(EVENING, EVENING))
    await stop(invitation)
    clock.move(DAY + 2 * HOUR)  # 13:00; 7.5 hours were left
    await restart(invitation)
    assert await due(invitation) == ["06 18:30", "09 18:30", "13 09:00"]


async def test_a_hold_keeps_the_time_of_day_and_makes_one_step_due_at_most() -> None:
    account = await make.account()
    here = await location(EVENING, EVENING, MORNING, account=account)
    invitation = await make.invited(here)
    clock.move(20 * DAY)  # everything is overdue
    async with transaction(WORK) as tx:
        rows = list((await moves.locked(tx, [invitation])).values())
        await moves.hold(tx, rows, HoldReason.OVERDUE, clock.now())
        await moves.move(tx, rows, Move.RELEASE, None, clock.now())
        await moves.resume_messages(tx, rows, clock.now())
    assert await due(invitation) == ["24 18:30", "27 18:30", "31 09:00"]


async def test_a_late_first_step_delays_the_others_by_days_at_their_time() -> None:
    account = await make.account()
    invitation = await make.invited(await location(None, EVENING, None, account=account))
    clock.move(2 * HOUR)
    await deliver(account, MessageState.SENT)
    assert await due(invitation) == ["04 11:00", "07 18:30", "11 13:00"]


async def test_a_first_step_sent_on_a_later_day_delays_the_others_by_that_day() -> None:
    account = await make.account()
    invitation = await make.invited(await location(None, EVENING, None, account=account))
    clock.move(22 * HOUR)  # 9:00 on the next day
    await deliver(account, MessageState.SENT)
    assert await due(invitation) == ["04 11:00", "08 18:30", "12 09:00"]


async def test_steps_delayed_beyond_the_hours_are_due_at_the_next_opening() -> None:
    account = await make.account()
    here = await location(steps=(0, 1 / 3), account=account)  # 8 hours
    invitation = await make.invited(here)
    claimed = await claim_and_stamp(account)
    clock.move(7 * HOUR)
    await settle(claimed, MessageState.SENT)
    assert await due(invitation) == ["04 11:00", "05 16:00"]


async def test_a_completed_sender_keeps_the_time_of_day() -> None:
    account = await make.account()
    here = await location(None, EVENING, account=account, postal_address="")  # type: ignore[arg-type]
    invitation = await make.invited(here)
    clock.move(3 * HOUR)
    await models.Location.filter(id=here.id).update(postal_address="1 High Street")
    async with transaction(WORK) as tx:
        await send_hours.reflag(tx, here.id, clock.now())
    assert await due(invitation) == ["04 14:00", "07 18:30", "11 14:00"]


async def test_delays_count_from_the_sending_of_a_step_that_was_deferred() -> None:
    account = await make.account()
    invitation = await make.invited(await location(None, EVENING, None, account=account))
    for _ in range(4):
        assert await deliver(account, MessageState.DEFERRED) == [1]
        clock.move((await due_times(invitation))[0] - clock.now())
    await deliver(account, MessageState.SENT)
    assert await due(invitation) == ["04 14:05", "07 18:30", "11 14:05"]
