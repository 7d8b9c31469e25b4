"""Ends a test that hangs: pytest-timeout's alarm for what blocks the thread, a deadline in the loop for async tests.

The alarm alone is not enough. It raises in whatever task is running, and when that is not the test's own, the test waits
on. The deadline cancels the test, so that its transactions are rolled back and the next test finds the loop usable.
"""

import asyncio
import functools
import inspect
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

LONG_SECONDS = 900.0
"""The limit of a test marked `long`; that of all others is `timeout` in pyproject.toml."""
_SHARE = 5 / 6
"""The deadline's part of the limit, so that it comes first; the alarm counts the fixtures too."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("long") and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(LONG_SECONDS))
        if isinstance(item, pytest.Function) and inspect.iscoroutinefunction(item.obj):
            item.obj = _with_deadline(item.obj, _limit(item) * _SHARE)


def _limit(item: pytest.Item) -> float:
    marker = item.get_closest_marker("timeout")
    return float(marker.args[0] if marker else item.config.getini("timeout"))


def _with_deadline(test: Callable[..., Awaitable[None]], seconds: float) -> Callable[..., Awaitable[None]]:
    @functools.wraps(test)
    async def run(*args: Any, **kwargs: Any) -> None:
        deadline = asyncio.timeout(seconds)
        try:
            async with deadline:
                await test(*args, **kwargs)
        except TimeoutError as error:
            if not deadline.expired():
                raise
            raise AssertionError(f"The test is still running after {seconds:.3g} seconds.") from error

    return run
