"""No view has a fault that axe finds (WCAG 2.2 A and AA, and best practices): light and dark, wide and 320 px."""

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from tests.console.looking import Console

AXE = Path(__file__).parents[2] / "console" / "node_modules" / "axe-core" / "axe.min.js"
WIDE: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"}
NARROW: dict[str, Any] = {"viewport": {"width": 320, "height": 700}, "color_scheme": "dark", "reduced_motion": "reduce"}


async def table(page: Page) -> None:
    await expect(page.get_by_role("table")).to_be_visible()


async def activity(page: Page) -> None:
    await page.get_by_role("button", name="Activity of").first.click()
    await expect(page.locator(".timeline li").first).to_be_visible()


async def filters(page: Page) -> None:
    await page.get_by_role("button", name="Filters").click()
    await expect(page.get_by_role("combobox", name="NPS score")).to_be_visible()


async def stop(page: Page) -> None:
    await page.get_by_role("button", name="Stop the invitation of", disabled=False).first.click()
    await expect(page.get_by_role("alertdialog")).to_be_visible()


async def invite(page: Page) -> None:
    await page.get_by_role("button", name="Invite a customer").click()
    await expect(page.get_by_role("dialog")).to_be_visible()


async def nothing_found(page: Page) -> None:
    await expect(page.get_by_text("No customer matches")).to_be_visible()


async def heading(page: Page) -> None:
    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    await expect(page.locator("[aria-busy=true]")).to_have_count(0)


VIEWS: list[tuple[str, str, Callable[[Page], Awaitable[None]]]] = [
    ("owner", "/", table),
    ("viewer", "/", table),
    ("client-owner", "/", table),
    ("owner", "/", activity),
    ("owner", "/", filters),
    ("owner", "/", stop),
    ("owner", "/", invite),
    ("owner", "/?search=zzzzzz", nothing_found),
    ("owner", "/?view=funnel", heading),
    ("owner", "/?view=imports", heading),
    ("owner", "/?view=imports&new=1", heading),
    ("agency-owner", "/", table),
    ("free-owner", "/?view=imports&new=1", heading),
]


async def faults(page: Page) -> list[str]:
    """What axe finds; it is run beside the page's policy, which allows no other scripts."""
    await page.evaluate(AXE.read_text("utf-8"))
    found = json.loads(await page.evaluate("axe.run().then((found) => JSON.stringify(found.violations))"))
    return [f"{one['id']}: {node['html'][:200]}" for one in found for node in one["nodes"]]


@pytest.mark.parametrize("options", [WIDE, NARROW], ids=["wide and light", "narrow and dark"])
@pytest.mark.parametrize(("persona", "path", "prepare"), VIEWS, ids=lambda one: getattr(one, "__name__", one))
async def test_a_view_has_no_faults(
    browser: Browser,
    address: str,
    persona: str,
    path: str,
    prepare: Callable[[Page], Awaitable[None]],
    options: dict[str, Any],
) -> None:
    async with Console.opened(browser, address, **options) as console:
        page = await console.sign_in(persona, path)
        await prepare(page)
        assert await faults(page) == []
        overflow = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert overflow <= 0, "the page scrolls sideways"


async def test_the_sign_in_page_has_no_faults(browser: Browser, address: str) -> None:
    async with Console.opened(browser, address, **NARROW) as console:
        await console.page.goto("/")
        await heading(console.page)
        assert await faults(console.page) == []
