"""Stops hanging tests: pytest-timeout's alarm for blocked threads, and a deadline in the event loop for async tests.

The alarm alone is not enough. It raises in the running task, and if that is not the test's, the test keeps waiting. The
deadline cancels the test, so that its transactions are rolled back and the loop is usable for the next test.
"""

import asyncio
import functools
import inspect
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

LONG_SECONDS = 900.0
"""The limit of a test marked `long`; for all others it is `timeout` in pyproject.toml."""
_SHARE = 5 / 6
"""The deadline as a share of the limit, so that it comes before the alarm, which also counts fixtures."""


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
            raise AssertionError(f"The test was still running after {seconds:.3g} seconds.") from error

    return run
