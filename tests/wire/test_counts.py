"""Counts that several processes share: exact, given back when a process is killed, and forgotten after their period."""

import copy
import multiprocessing
import os
from signal import SIGKILL

import pytest

from wire import counts
from wire.counts import Counts, OwnCounts, SharedCounts, held

KEY = ("running", ("issuer", "member"))


def of_two_processes() -> tuple[SharedCounts, SharedCounts]:
    one = SharedCounts(2)
    other = copy.copy(one)
    other.own = 1
    return one, other


@pytest.mark.parametrize("made", [OwnCounts(), SharedCounts(2)], ids=["own", "shared"])
def test_no_more_are_held_than_the_most(made: Counts) -> None:
    with held(made, KEY, 2) as first, held(made, KEY, 2) as second, held(made, KEY, 2) as third:
        assert (first, second, third) == (True, True, False)
        with held(made, "another", 1) as of_another:
            assert of_another
    with held(made, KEY, 1) as again:
        assert again


def test_what_another_process_holds_counts() -> None:
    one, other = of_two_processes()
    assert [one.take(KEY, 3), other.take(KEY, 3), other.take(KEY, 3), one.take(KEY, 3)] == [True, True, True, False]
    other.give_back(KEY)
    assert one.take(KEY, 3)


def test_what_a_process_held_is_given_back_for_it() -> None:
    one, other = of_two_processes()
    assert [one.take(KEY, 2), other.take(KEY, 2)] == [True, True]
    one.give_back_all_of(1)
    assert [one.take(KEY, 2), one.take(KEY, 2)] == [True, False]
    other.give_back(KEY)  # gives back nothing of others
    assert not one.take(KEY, 2)


def test_periods_are_counted_apart_and_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counts, "PLACES", 8)
    one, other = of_two_processes()
    assert [one.add(f"peer {number}", 1) for number in range(8)] == [1] * 8
    assert other.add("peer 0", 1) == 2
    assert one.add("one too many", 1) == 0
    assert [other.add(f"peer {number}", 2) for number in range(8)] == [1] * 8


def test_a_key_without_a_place_is_not_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counts, "PLACES", 8)
    one, _ = of_two_processes()
    assert all(one.take(f"key {number}", 1) for number in range(9))
    assert not all(one.take(f"key {number}", 1) for number in range(8))
    one.give_back("key 0")
    assert one.take("key 0", 1)


@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
def test_processes_that_run_at_once_and_are_killed_leave_nothing_behind() -> None:
    shared = SharedCounts(3)
    fork = multiprocessing.get_context("fork")
    running = [fork.Process(target=_hammer, args=(shared, own)) for own in (1, 2)]
    for process in running:
        process.start()
    for process in running:
        process.join(60)
    assert [process.exitcode for process in running] == [-SIGKILL] * 2
    assert [shared.take(KEY, 4) for _ in range(3)] == [True, True, False]  # each had kept one
    for own in (1, 2):
        shared.give_back_all_of(own)
    assert [shared.take(KEY, 4) for _ in range(3)] == [True, True, False]


def _hammer(shared: SharedCounts, own: int) -> None:
    """Takes and gives back many times together with another process, keeps one, and is killed."""
    shared.own = own
    for _ in range(2000):
        assert shared.take(KEY, 4)
        assert shared.take(KEY, 4)
        shared.give_back(KEY)
        shared.give_back(KEY)
    assert shared.take(KEY, 4)
    os.kill(os.getpid(), SIGKILL)
