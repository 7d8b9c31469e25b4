"""A demo with its console, and a browser in which personas look at it."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright, expect

from plaudit.console import built
from tests.console.looking import SECONDS, Console
from tests.plaudit.test_demo import running

expect.set_options(timeout=SECONDS * 1000)
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
]
"""So that the browser asks no other host for anything by itself."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skips these tests where there is no browser."""
    skipped = pytest.mark.skip(reason="no Chromium here; on Debian and Ubuntu: apt-get install chromium")
    for item in items:
        if CHROMIUM is None and Path(__file__).parent in item.path.parents:
            item.add_marker(skipped)


@pytest.fixture(scope="session")
async def address(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """Where the demo answers."""
    assert built() is not None, "run: make console"
    async with running(tmp_path_factory.mktemp("console") / "demo") as demo, demo.connect():
        yield f"http://127.0.0.1:{demo.port}"


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        # Chromium's sandbox does not run as root, nor in many containers; it opens nothing but our own pages here.
        running_browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*QUIET, "--no-sandbox"])
        yield running_browser
        await running_browser.close()


@pytest.fixture
async def console(browser: Browser, address: str) -> AsyncIterator[Console]:
    async with Console.opened(browser, address) as opened:
        yield opened
