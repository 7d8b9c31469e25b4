"""Steps around every change of clocks from 2026 to 2030, in every time zone: due once, in the window, at their local time."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from models.rules.sequence import Pace, Queued, SendWindow, Waiting, moved_into, retime, step_times
from tests.clock_changes import Change, all_changes, distinct_changes, offset

HOURS = [(9, 19), (10, 20), (0, 24), (22, 24), (0, 1), (23, 24)]
DAYS = range(15)
MICROSECOND, MINUTE, DAY = timedelta(microseconds=1), timedelta(minutes=1), timedelta(days=1)
OFFSETS = (-14 * DAY, -DAY, -2 * 60 * MINUTE, -MINUTE, timedelta(), 20 * MINUTE, 90 * MINUTE)
"""From a change to the start of a step's delay."""
STEP = 10 * MINUTE
"""No change of clocks and no send hour begins between two moments this far apart."""


def test_all_zones_and_their_changes_are_known() -> None:
    known = all_changes()
    assert sum(map(len, known.values())) > 1900
    assert [at.day for at in known["Europe/Berlin"]] == [29, 25, 28, 31, 26, 29, 25, 28, 31, 27]
    assert known["UTC"] == ()


def is_open(window: SendWindow, moment: datetime) -> bool:
    return window.from_hour <= moment.astimezone(ZoneInfo(window.zone)).hour < window.until_hour


def exists(wall: datetime) -> bool:
    return wall.astimezone(UTC).astimezone(wall.tzinfo).replace(tzinfo=None, fold=0) == wall.replace(
        tzinfo=None, fold=0
    )


def check(window: SendWindow, start: datetime, days: int, minute: int | None) -> None:
    """Compares the due time with what clocks on the wall say."""
    due = window.follow(start, DAY * days, minute)
    said = f"{window}, {days} days after {start}, at {minute}: {due}"
    assert due >= start, said
    assert is_open(window, due), said
    local = start.astimezone(ZoneInfo(window.zone))
    wanted = local if not days else (local + DAY * days).replace(fold=0)
    if minute is not None:
        wanted = (local + DAY * days).replace(hour=minute // 60, minute=minute % 60, second=0, microsecond=0, fold=0)
        if wanted.astimezone(UTC) < start:
            wanted += DAY
    if not exists(wanted):  # any moment on that day will do, and it must be soon
        assert due - wanted.astimezone(UTC) < 2 * DAY, said
        return
    if is_open(window, wanted):
        assert due == wanted.astimezone(UTC), said
    moment = wanted.astimezone(UTC)
    while moment < due:
        assert not is_open(window, moment), f"{said}, but it was open at {moment}"
        moment += max(STEP, (due - moment) // 50 // STEP * STEP)


def run(changes: Sequence[Change], hours: Sequence[tuple[int, int]], days: Sequence[int]) -> None:
    for change in changes:
        for pair in hours:
            window = SendWindow(change.zone, *pair)
            inside = (pair[0] * 60, pair[0] * 60 + 30, pair[1] * 60 - 1)
            for distance in OFFSETS:
                for day in days:
                    for minute in (None, *inside):
                        check(window, change.at + distance, day, minute)


def test_steps_around_a_sample_of_changes_are_due_in_the_window_at_their_local_time() -> None:
    run(distinct_changes()[::23], HOURS, (0, 1, 14))


@pytest.mark.long
@pytest.mark.parametrize("hours", HOURS, ids=str)
def test_steps_around_every_change_are_due_in_the_window_at_their_local_time(hours: tuple[int, int]) -> None:
    run(distinct_changes(), [hours], DAYS)


@pytest.mark.parametrize("hours", [*HOURS, (1, 2), (1, 3), (2, 3), (2, 4), (3, 4)], ids=str)
def test_around_every_change_a_moment_in_the_window_stays_and_any_other_moves_to_the_next_opening(
    hours: tuple[int, int],
) -> None:
    for change in distinct_changes():
        window = SendWindow(change.zone, *hours)
        for minutes in range(-90, 100, 30):
            moment = change.at + minutes * MINUTE
            placed = window.place(moment)
            assert (placed == moment) == is_open(window, moment), (change, moment)
            assert moment <= placed, (change, moment)
            assert is_open(window, placed), (change, moment)
            assert placed == moment or not is_open(window, placed - MICROSECOND), (change, moment)
            if minutes < 0 and is_skip(change) and is_open(window, change.at):
                assert placed <= change.at, (change, moment)


def is_skip(change: Change) -> bool:
    """Whether clocks are put forward."""
    zone = ZoneInfo(change.zone)
    return offset(zone, change.at) > offset(zone, change.at - MICROSECOND)


def test_a_whole_sequence_around_every_change_keeps_its_order_and_its_hours() -> None:
    steps = [Pace(timedelta()), Pace(DAY, 18 * 60 + 30), Pace(3 * DAY, 9 * 60), Pace(7 * DAY)]
    for change in distinct_changes():
        windows = [SendWindow(change.zone, 9, 19)] * len(steps)
        times = step_times(change.at - 2 * DAY, steps, windows)
        again = retime(
            change.at, [Waiting(due - change.at, step) for due, step in zip(times, steps, strict=True)], windows
        )
        moved = moved_into(
            change.at, [Queued(due, step) for due, step in zip(times, steps, strict=True)], windows[:1] * len(steps)
        )
        for due_times in (times, again, moved):
            assert due_times == sorted(due_times), change
            local = [due.astimezone(ZoneInfo(change.zone)) for due in due_times]
            assert all(9 <= due.hour < 19 for due in local[-3:]), change
            assert (local[1].hour, local[1].minute, local[2].hour, local[2].minute) == (18, 30, 9, 0), change
