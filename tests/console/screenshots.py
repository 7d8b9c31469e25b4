"""`python -m tests.console.screenshots` makes the pictures of docs/console.md from a demo with its console."""

import asyncio
import tempfile
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright, expect

from tests.console.conftest import CHROMIUM, QUIET
from tests.console.looking import Console
from tests.plaudit.test_demo import running

PICTURES = Path(__file__).parents[2] / "docs" / "images"
SIZE = {"width": 1280, "height": 800}


async def customers(page: Page) -> None:
    await expect(page.get_by_role("table")).to_be_visible()


async def activity(page: Page) -> None:
    row = page.get_by_role("row").filter(has=page.locator("td:nth-child(9)", has_text="★")).first
    await row.get_by_role("button", name="Activity of").click()
    await expect(page.locator(".timeline li").first).to_be_visible()


async def board(page: Page) -> None:
    await expect(page.get_by_role("table")).to_be_visible()


VIEWS = {
    "customers": ("owner", "/", customers),
    "activity": ("owner", "/?reviewed=yes", activity),
    "clients": ("agency-owner", "/", board),
}


async def take(browser: Browser, address: str) -> None:
    for name, (persona, path, prepare) in VIEWS.items():
        async with Console.opened(browser, address, viewport=SIZE) as console:
            page = await console.sign_in(persona, path)
            await prepare(page)
            await page.screenshot(path=PICTURES / f"{name}.png", animations="disabled")


async def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        async with running(Path(folder) / "demo") as demo, demo.connect(), async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*QUIET, "--no-sandbox"])
            await take(browser, f"http://127.0.0.1:{demo.port}")
            await browser.close()


if __name__ == "__main__":
    asyncio.run(main())
