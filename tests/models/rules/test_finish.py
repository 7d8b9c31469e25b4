"""When the last first message of a list is expected to be sent, from a few figures."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from models.rules.finish import Sending, expected_end, expected_share
from models.rules.sequence import SendWindow, due_times
from tests.models.rules.test_sequence import HOURS, TIMES, ZONES

NOW = datetime(2026, 5, 4, 8, tzinfo=UTC)  # 10:00 in Berlin, a Monday
OFFICE = SendWindow("Europe/Berlin", 9, 18)
COUNTS, STEPS = st.integers(0, 300), st.timedeltas(timedelta(), timedelta(hours=5))
RATES = st.floats(0.001, 1000)
WINDOWS = st.builds(lambda zone, hours: SendWindow(zone, *hours), ZONES, HOURS)


def sending(**given: Any) -> Sending:
    usual: dict[str, Any] = {
        "rows_left": 0,
        "rows_per_second": None,
        "to_invite": 0,
        "unsent": 0,
        "step": timedelta(),
        "window": OFFICE,
        "rate": 1e9,
    }
    return Sending(**usual | given)


SENDINGS = st.builds(
    sending,
    rows_left=COUNTS,
    rows_per_second=st.none() | st.floats(0.01, 1e4),
    to_invite=COUNTS,
    unsent=COUNTS,
    step=STEPS,
    window=WINDOWS,
    rate=RATES,
    next_slot=st.none() | TIMES,
    last_due=st.none() | TIMES,
)


@given(now=TIMES, step=STEPS, window=WINDOWS, number=st.integers(1, 60))
def test_rows_that_are_left_end_with_the_last_of_their_due_times(
    now: datetime, step: timedelta, window: SendWindow, number: int
) -> None:
    assume(step * number < timedelta(hours=window.open_hours) * 28)
    *_, last = islice(due_times(now, step, window), number)
    assert expected_end(sending(rows_left=number, to_invite=number, step=step, window=window), now) == window.place(
        last
    )


@given(now=TIMES, window=WINDOWS, number=st.integers(100, 2000))
def test_ends_in_months_are_right_within_a_hundredth_and_a_day(now: datetime, window: SendWindow, number: int) -> None:
    step = timedelta(hours=1)
    *_, last = islice(due_times(now, step, window), number)
    end = expected_end(sending(rows_left=number, to_invite=number, step=step, window=window), now)
    assert abs(end - last) <= (last - now) / 100 + timedelta(days=1)  # clock changes make days longer, or skip a window


@given(now=TIMES, some=SENDINGS)
def test_the_end_is_neither_past_nor_before_what_is_due(now: datetime, some: Sending) -> None:
    end = expected_end(some, now)
    assert end >= now
    if some.last_due and some.unsent:
        assert end >= some.last_due


@given(now=TIMES, some=SENDINGS, more=st.integers(1, 50), name=st.sampled_from(["rows_left", "to_invite", "unsent"]))
def test_more_to_do_never_ends_earlier(now: datetime, some: Sending, more: int, name: str) -> None:
    after = expected_end(replace(some, **{name: getattr(some, name) + more}), now)
    assert after >= expected_end(some, now) - timedelta(hours=2)  # between exact and far ends, clocks may change


def test_the_rate_counts_within_the_hours_and_after_what_can_go_at_once() -> None:
    hour = 1 / 3600
    assert expected_end(sending(unsent=12, rate=hour), NOW) == NOW + timedelta(hours=12 + 15)
    assert expected_end(sending(unsent=12, rate=hour, tokens=10), NOW) == NOW + timedelta(hours=2)
    assert expected_end(sending(unsent=12, rate=hour, tokens=-10), NOW) == NOW + timedelta(hours=12 + 15)


def test_without_a_send_speed_the_slower_of_processing_and_sending_counts() -> None:
    left = {"rows_left": 100, "to_invite": 50, "unsent": 50, "next_slot": NOW}
    assert expected_end(sending(**left, rows_per_second=0.1), NOW) == NOW + timedelta(seconds=1000)
    assert expected_end(sending(**left, rows_per_second=0.1, rate=0.05), NOW) == NOW + timedelta(seconds=2000)


def test_rows_processed_at_night_are_sent_in_the_morning() -> None:
    evening = datetime(2026, 5, 4, 15, 59, tzinfo=UTC)
    of = sending(rows_left=100, rows_per_second=1, to_invite=1)
    assert expected_end(of, evening) == datetime(2026, 5, 5, 7, tzinfo=UTC)
    assert expected_end(replace(of, to_invite=0), evening) == evening + timedelta(seconds=100)


def test_the_longest_lists_can_be_estimated() -> None:
    longest = sending(rows_left=500_000, to_invite=500_000, step=timedelta(hours=1), window=SendWindow("UTC", 9, 10))
    assert expected_end(longest, NOW).year == 3395
    with pytest.raises(OverflowError):
        expected_end(replace(longest, to_invite=5_000_000), NOW)


@given(left=COUNTS, invited=COUNTS, others=COUNTS)
def test_as_many_of_the_rest_are_expected_as_so_far(left: int, invited: int, others: int) -> None:
    share = expected_share(left, invited, invited + others)
    assert 0 <= share <= left
    assert expected_share(left, 0, 0) == left
    if invited + others:
        assert abs(share * (invited + others) - left * invited) <= (invited + others) / 2


MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.mark.parametrize(
    ("over", "figures"),
    [
        (False, {"rows_left": 1}),
        (False, {"unsent": 1, "next_due": NOW, "last_due": NOW + HOUR}),
        (False, {"unsent": 1, "next_due": NOW + HOUR, "last_due": NOW + HOUR}),
        (False, {"unsent": 9, "next_due": NOW + MINUTE, "last_due": NOW - HOUR}),
        (False, {"unsent": 9, "next_due": NOW + HOUR, "last_due": NOW - HOUR, "rate": 1 / 3600}),
        (True, {"unsent": 1, "next_due": NOW + 2 * HOUR, "last_due": NOW + HOUR}),  # stopped; a reminder is left
        (True, {"unsent": 1, "next_due": None, "last_due": NOW + HOUR}),
        (True, {"unsent": 0, "next_due": NOW, "last_due": NOW}),
    ],
)  # fmt: skip
def test_a_list_is_over_when_only_later_steps_are_queued(over: bool, figures: dict[str, Any]) -> None:
    assert sending(**figures).is_over(NOW) is over
