"""A demo with its console, and a browser in which personas look at it."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright

from plaudit.console import built
from tests.console.looking import Console
from tests.plaudit.test_demo import running

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
    """Keeps these tests in one worker, where they share the demo, and skips them where there is no browser."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("console"))
            if CHROMIUM is None:
                item.add_marker(
                    pytest.mark.skip(reason="no Chromium here; on Debian and Ubuntu: apt-get install chromium")
                )


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
