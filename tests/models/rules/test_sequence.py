"""Billing cycles, send windows and send speed, across months of any length and clock changes."""

from datetime import UTC, date, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from models.rules.cycle import cycle_at
from models.rules.sequence import (
    Pace,
    Queued,
    SendWindow,
    Waiting,
    after_late,
    due_times,
    interval,
    moved_into,
    retime,
    step_times,
)

TIMES = st.datetimes(datetime(2025, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds
ZONES = st.sampled_from(
    ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Santiago"]
)
HOURS = st.tuples(st.integers(0, 23), st.integers(1, 24)).filter(lambda pair: pair[0] < pair[1])


@given(time=TIMES, zone=ZONES, anchor=st.integers(1, 31))
def test_any_time_is_in_its_cycle_and_the_next_cycle_starts_at_the_reset(
    time: datetime, zone: str, anchor: int
) -> None:
    cycle = cycle_at(time, zone, anchor)
    assert cycle.starts_on <= time.astimezone(ZoneInfo(zone)).date() < cycle.resets_on
    noon = datetime.combine(cycle.resets_on, datetime.min.time(), ZoneInfo(zone)) + timedelta(hours=12)
    assert cycle_at(noon, zone, anchor).starts_on == cycle.resets_on


@pytest.mark.parametrize(
    ("today", "starts", "resets"),
    [
        (date(2026, 2, 10), date(2026, 1, 31), date(2026, 2, 28)),
        (date(2026, 2, 28), date(2026, 2, 28), date(2026, 3, 31)),
        (date(2026, 3, 31), date(2026, 3, 31), date(2026, 4, 30)),
        (date(2028, 2, 29), date(2028, 2, 29), date(2028, 3, 31)),
        (date(2026, 1, 1), date(2025, 12, 31), date(2026, 1, 31)),
    ],
)
def test_an_anchor_on_the_31st_means_the_last_day_of_shorter_months(today: date, starts: date, resets: date) -> None:
    noon = datetime.combine(today, datetime.min.time(), UTC) + timedelta(hours=12)
    cycle = cycle_at(noon, "UTC", 31)
    assert (cycle.starts_on, cycle.resets_on) == (starts, resets)


@given(time=TIMES, zone=ZONES, hours=HOURS)
def test_a_placed_time_is_the_first_in_the_window(time: datetime, zone: str, hours: tuple[int, int]) -> None:
    window = SendWindow(zone, *hours)
    placed = window.place(time)
    local = placed.astimezone(ZoneInfo(zone))
    assert hours[0] <= local.hour < hours[1] or (local.hour, local.minute) <= (hours[0] + 1, 0)
    most = timedelta(days=2, hours=1)  # a clock change may skip a whole window
    assert time <= placed <= time + most
    assert window.place(placed) == placed


@pytest.mark.parametrize(
    ("first", "days", "expected"),
    [
        (datetime(2027, 3, 25, 17, 30, tzinfo=UTC), 3, datetime(2027, 3, 28, 16, 30, tzinfo=UTC)),
        (datetime(2027, 3, 25, 17, 30, tzinfo=UTC), 7, datetime(2027, 4, 1, 16, 30, tzinfo=UTC)),
        (datetime(2026, 10, 24, 7, 15, tzinfo=UTC), 3, datetime(2026, 10, 27, 8, 15, tzinfo=UTC)),
        (datetime(2027, 3, 27, 1, 30, tzinfo=UTC), 1, datetime(2027, 3, 28, 1, 30, tzinfo=UTC)),
    ],
    ids=["spring, 3 days", "spring, 7 days", "autumn", "an hour that is skipped"],
)
def test_days_between_steps_are_local_days(first: datetime, days: int, expected: datetime) -> None:
    assert SendWindow("Europe/Berlin", 0, 24).follow(first, timedelta(days=days)) == expected


def test_a_reminder_across_a_clock_change_stays_in_the_hours() -> None:
    window = SendWindow("Europe/Berlin", 9, 19)
    first = datetime(2027, 3, 25, 17, 30, tzinfo=UTC)  # 18:30
    due = [window.follow(first, timedelta(days=days)) for days in (3, 7, 14)]
    assert [one.astimezone(ZoneInfo("Europe/Berlin")).strftime("%d %H:%M") for one in due] == [
        "28 18:30",
        "01 18:30",
        "08 18:30",
    ]


@given(time=TIMES, zone=ZONES, days=st.integers(0, 60))
def test_a_step_some_days_later_has_the_same_local_time(time: datetime, zone: str, days: int) -> None:
    local = time.astimezone(ZoneInfo(zone))
    followed = SendWindow(zone, 0, 24).follow(time, timedelta(days=days)).astimezone(ZoneInfo(zone))
    assert followed.date() == local.date() + timedelta(days=days)
    skipped_or_repeated = abs(followed.replace(tzinfo=None) - local.replace(tzinfo=None) - timedelta(days=days))
    assert skipped_or_repeated <= timedelta(hours=1)


@given(time=TIMES, zone=ZONES, hours=HOURS, minutes=st.integers(0, 4000))
def test_only_time_inside_the_window_counts(time: datetime, zone: str, hours: tuple[int, int], minutes: int) -> None:
    window = SendWindow(zone, *hours)
    half = timedelta(minutes=minutes / 2)
    assert window.advance(window.advance(time, half), half) == window.advance(time, 2 * half)


def at(day: int, hour: int, *, less: timedelta = timedelta()) -> datetime:
    """A time in May 2026 in Berlin."""
    return datetime(2026, 5, day, hour, tzinfo=ZoneInfo("Europe/Berlin")).astimezone(UTC) - less


def test_a_window_includes_its_opening_and_excludes_its_closing() -> None:
    window, instant = SendWindow("Europe/Berlin", 9, 19), timedelta(microseconds=1)
    assert window.place(at(4, 9, less=instant)) == at(4, 9)
    assert window.place(at(4, 9)) == at(4, 9)
    assert window.place(at(4, 19, less=instant)) == at(4, 19, less=instant)
    assert window.place(at(4, 19)) == at(5, 9)


def test_time_left_when_a_window_closes_counts_from_the_next_opening() -> None:
    window, hour, instant = SendWindow("Europe/Berlin", 9, 19), timedelta(hours=1), timedelta(microseconds=1)
    assert window.advance(at(4, 18), hour - instant) == at(4, 19, less=instant)
    assert window.advance(at(4, 18), hour) == at(5, 9)
    assert window.advance(at(4, 18), 2 * hour) == at(5, 10)


def test_a_window_until_midnight_closes_at_midnight() -> None:
    window, instant = SendWindow("Europe/Berlin", 9, 24), timedelta(microseconds=1)
    assert window.place(at(5, 0, less=instant)) == at(5, 0, less=instant)
    assert window.place(at(5, 0)) == at(5, 9)


def test_an_import_spread_over_days_ends_within_them() -> None:
    window = SendWindow("Europe/Berlin", 9, 19)
    step = interval(window, per_hour=None, over_days=3, total=300)
    times = list(islice(due_times(datetime(2026, 5, 4, 7, tzinfo=UTC), step, window), 300))
    assert {time.astimezone(ZoneInfo("Europe/Berlin")).day for time in times} == {4, 5, 6}
    assert times == sorted(times)


def test_an_hourly_speed_is_kept() -> None:
    window = SendWindow("Europe/Berlin", 9, 19)
    step = interval(window, per_hour=50, over_days=None, total=1000)
    times = list(islice(due_times(datetime(2026, 5, 4, 7, tzinfo=UTC), step, window), 1000))
    assert sum(time < times[0] + timedelta(hours=1) for time in times) == 50


@given(
    remaining=st.lists(st.integers(-50, 500), min_size=1, max_size=6),
    gaps=st.lists(st.integers(1, 200), min_size=6, max_size=6),
)
def test_after_a_restart_at_most_one_step_is_due_at_once_and_gaps_are_kept(
    remaining: list[int], gaps: list[int]
) -> None:
    now = datetime(2026, 5, 4, 9, tzinfo=UTC)
    after = [timedelta(hours=sum(gaps[:index])) for index in range(len(remaining))]
    waiting = [
        Waiting(timedelta(hours=left), Pace(delay)) for left, delay in zip(sorted(remaining), after, strict=True)
    ]
    times = retime(now, waiting, [SendWindow("UTC", 0, 24)] * len(waiting))
    assert sum(time <= now for time in times) <= 1
    for index in range(1, len(times)):
        assert times[index] - times[index - 1] >= after[index] - after[index - 1]


MINUTES = st.one_of(st.none(), st.integers(9 * 60, 19 * 60 - 1))
SEQUENCES = st.lists(st.tuples(st.integers(1, 9), MINUTES), min_size=1, max_size=6)
"""Days between steps, and times of day."""


def paces(gaps: list[tuple[int, int | None]]) -> list[Pace]:
    days = [0, *(gap for gap, _ in gaps[1:])]
    return [Pace(timedelta(days=sum(days[: index + 1])), minute) for index, (_, minute) in enumerate(gaps)]


def assert_in_order_and_at_their_times(times: list[datetime], steps: list[Pace], window: SendWindow) -> None:
    local = [time.astimezone(ZoneInfo(window.zone)) for time in times]
    assert all(window.is_open(time) for time in times)
    for time, step in zip(local, steps, strict=True):
        assert step.minute is None or time.hour * 60 + time.minute == step.minute
    for index in range(1, len(times)):
        gap = steps[index].after - steps[index - 1].after
        assert local[index].date() - local[index - 1].date() >= gap


@given(start=TIMES, zone=ZONES, gaps=SEQUENCES)
def test_a_sequence_keeps_its_days_and_times_of_day(
    start: datetime, zone: str, gaps: list[tuple[int, int | None]]
) -> None:
    window, steps = SendWindow(zone, 9, 19), paces(gaps)
    times = step_times(start, steps, [window] * len(steps))
    assert times[0] >= start
    assert_in_order_and_at_their_times(times, steps, window)


@given(start=TIMES, zone=ZONES, gaps=SEQUENCES, away=st.integers(0, 40 * 24 * 60))
def test_after_a_restart_one_step_at_most_is_due_at_once_and_times_of_day_are_kept(
    start: datetime, zone: str, gaps: list[tuple[int, int | None]], away: int
) -> None:
    window, steps = SendWindow(zone, 9, 19), paces(gaps)
    windows, now = [window] * len(steps), start + timedelta(minutes=away)
    waiting = [Waiting(due - now, step) for due, step in zip(step_times(start, steps, windows), steps, strict=True)]
    times = retime(now, waiting, windows)
    assert sum(time <= now for time in times) <= 1
    assert min(times) >= now
    assert_in_order_and_at_their_times(times, steps, window)


@example(
    start=datetime(2025, 1, 1, 13, tzinfo=UTC),
    zone="Europe/Berlin",
    gaps=[(1, None), (1, None), (1, 540)],
    hours=(0, 10),
    other="Australia/Lord_Howe",
)
@given(start=TIMES, zone=ZONES, gaps=SEQUENCES, hours=HOURS, other=ZONES)
def test_hours_and_zones_that_change_keep_the_order_and_returning_ones_the_times_of_day(
    start: datetime, zone: str, gaps: list[tuple[int, int | None]], hours: tuple[int, int], other: str
) -> None:
    window, steps = SendWindow(zone, 9, 19), paces(gaps)
    windows, changed = [window] * len(steps), SendWindow(other, *hours)
    times = step_times(start, steps, windows)
    moved = moved_into(
        start, [Queued(due, step) for due, step in zip(times, steps, strict=True)], [changed] * len(steps)
    )
    assert all(changed.is_open(time) for time in moved)
    assert moved == sorted(set(moved))
    back = moved_into(start, [Queued(due, step) for due, step in zip(moved, steps, strict=True)], windows)
    assert all(window.is_open(time) for time in back)
    assert back == sorted(set(back))


@given(start=TIMES, zone=ZONES, gaps=SEQUENCES, late=st.integers(1, 10 * 24 * 60))
def test_steps_after_a_late_one_keep_their_order_and_times_of_day(
    start: datetime, zone: str, gaps: list[tuple[int, int | None]], late: int
) -> None:
    window, steps = SendWindow(zone, 9, 19), paces(gaps)
    first, *rest = (
        Queued(due, step) for due, step in zip(step_times(start, steps, [window] * len(steps)), steps, strict=True)
    )
    sent_at = window.place(first.due + timedelta(minutes=late))
    times = [sent_at, *after_late(sent_at, first, rest, [window] * len(rest))]
    assert times == sorted(set(times))
    for time, before in zip(times[1:], rest, strict=True):
        assert time >= before.due
        assert window.is_open(time)
