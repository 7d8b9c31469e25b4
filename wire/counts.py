"""Counts of what clients hold at the moment, by key: in one process, or together in several that were forked from one."""

import fcntl
import mmap
import os
import tempfile
from collections import Counter
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from hashlib import blake2b
from typing import Protocol

PLACES, PLACES_OF_A_KEY = 65_536, 8


class Counts(Protocol):
    """Keys are tuples of a name and texts or ids; equal keys have equal representations."""

    is_shared: bool
    """Whether other processes take from it too."""

    def take(self, key: Hashable, most: int) -> bool:
        """Counts one more, unless there are as many already."""

    def give_back(self, key: Hashable) -> None:
        """Counts one less."""


class OwnCounts:
    """Counts in this process alone."""

    is_shared = False

    def __init__(self) -> None:
        self.held: Counter[Hashable] = Counter()

    def take(self, key: Hashable, most: int) -> bool:
        if self.held[key] >= most:
            return False
        self.held[key] += 1
        return True

    def give_back(self, key: Hashable) -> None:
        self.held[key] -= 1
        if not self.held[key]:
            del self.held[key]


@contextmanager
def held(counts: Counts, key: Hashable, most: int) -> Iterator[bool]:
    """Holds one during the block; gives False, and holds none, if there are as many already."""
    if not counts.take(key, most):
        yield False
        return
    try:
        yield True
    finally:
        counts.give_back(key)


class SharedCounts:
    """Counts of several processes in memory that they share: a table of keys with a column for each process.

    A process writes only into its own column, so what it held when it was killed can be given back. A key has few places; if
    other keys have them all, which takes tens of thousands, it is not counted: the limit then fails for this one client, rather
    than the client because of others.
    """

    is_shared = True

    def __init__(self, processes: int) -> None:
        self.processes, self.own = processes, 0
        self._file = _unnamed_file()
        size = PLACES * (8 + 8 + 4 * processes)
        os.ftruncate(self._file, size)
        memory = memoryview(mmap.mmap(self._file, size))
        self._keys = memory[: 8 * PLACES].cast("Q")
        self._periods = memory[8 * PLACES : 16 * PLACES].cast("Q")
        self._numbers = memory[16 * PLACES :].cast("I")
        self._secret = os.urandom(32)  # nobody can choose keys that share their places

    def take(self, key: Hashable, most: int) -> bool:
        with self._place(key) as place:
            if place is None:
                return True
            if self._total(place) >= most:
                return False
            self._numbers[self._cell(place)] += 1
            return True

    def give_back(self, key: Hashable) -> None:
        with self._place(key) as place:
            if place is not None and self._numbers[self._cell(place)]:
                self._numbers[self._cell(place)] -= 1

    def add(self, key: Hashable, period: int) -> int:
        """Counts one more in a numbered period, at whose end it is forgotten; returns how many there are."""
        with self._place(key, period) as place:
            if place is None:
                return 0
            self._numbers[self._cell(place)] += 1
            return self._total(place)

    def give_back_all_of(self, process: int) -> None:
        """Gives back what a process held that has ended."""
        self._numbers[process * PLACES : (process + 1) * PLACES] = memoryview(bytes(4 * PLACES)).cast("I")

    @contextmanager
    def _place(self, key: Hashable, period: int = 0) -> Iterator[int | None]:
        """The place of a key, locked during the block; None if other keys have them all."""
        number = int.from_bytes(blake2b(repr((key, period)).encode(), digest_size=8, key=self._secret).digest()) or 1
        first = number % (PLACES // PLACES_OF_A_KEY) * PLACES_OF_A_KEY
        # A record lock: the system releases it when its process ends, however it does.
        fcntl.lockf(self._file, fcntl.LOCK_EX, 1, first)
        try:
            yield self._find(number, first, period)
        finally:
            fcntl.lockf(self._file, fcntl.LOCK_UN, 1, first)

    def _find(self, number: int, first: int, period: int) -> int | None:
        places = range(first, first + PLACES_OF_A_KEY)
        for place in places:
            if self._keys[place] == number:
                return place
        for place in places:
            if self._periods[place] < period or not self._total(place):
                self._keys[place], self._periods[place] = number, period
                for process in range(self.processes):
                    self._numbers[process * PLACES + place] = 0
                return place
        return None

    def _cell(self, place: int) -> int:
        return self.own * PLACES + place

    def _total(self, place: int) -> int:
        return sum(self._numbers[process * PLACES + place] for process in range(self.processes))


def _unnamed_file() -> int:
    """A file in memory where the system has such files."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create("plaudit-counts")
    return os.dup(tempfile.TemporaryFile().fileno())
