"""Every page on every screen: 320 px with text of twice the size, 2,560 px, forced colors, reduced motion. Nothing is cut or
scrolls sideways, and no line is too long to read."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from tests.console.looking import Console
from tests.console.test_accessibility import activity, filters, heading, invite, stop

LONGEST_LINE = 110
"""In characters."""
SMALL: dict[str, Any] = {"viewport": {"width": 320, "height": 700}}
SCREENS = {
    "320 px with large text": SMALL,
    "320 px with large text, dark, in German": SMALL | {"locale": "de-DE", "color_scheme": "dark"},
    "2,560 px": {"viewport": {"width": 2560, "height": 1300}},
}
PAGES = {
    "owner": ["/", "/?search=zzzzzz", "/?view=funnel", "/?view=imports", "/?view=imports&new=1"],
    "agency-owner": ["/"],
}

CUT = """() => {
  const named = (one) => `${one.tagName}.${one.className} ${one.textContent.trim().slice(0, 50)}`;
  const isUnseen = (one) => one.closest(".unseen, option, [hidden]") || !one.checkVisibility();
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  for (let text = texts.nextNode(); text; text = texts.nextNode()) {
    const one = text.parentElement;
    if (!text.data.trim() || isUnseen(one) || one.closest(".wide")) continue;
    const range = document.createRange();
    range.selectNodeContents(text);
    const { left, right } = range.getBoundingClientRect();
    if (left < -1 || right > innerWidth + 1) found.push(`beside the screen: ${named(one)}`);
    for (let box = one; box !== document.body; box = box.parentElement) {
      const style = getComputedStyle(box);
      if (style.textOverflow === "ellipsis" || style.overflowX === "visible") continue;
      if (right > box.getBoundingClientRect().right + 1) found.push(`cut: ${named(one)}`);
    }
  }
  return found;
}"""
"""Text that is not seen whole. Only tables wider than the screen scroll sideways, by themselves."""
LONG = """(longest) => {
  const paint = document.createElement("canvas").getContext("2d");
  return [...document.querySelectorAll("p, li, dd, h1, h2, label, caption, blockquote")].flatMap((one) => {
    const style = getComputedStyle(one);
    paint.font = style.font;
    const range = document.createRange();
    range.selectNodeContents(one);
    const width = Math.max(0, ...[...range.getClientRects()].map((box) => box.width));
    const characters = width / (paint.measureText("abcdefghijklmnopqrstuvwxyz ").width / 27);
    return one.checkVisibility() && characters > longest && one.children.length === 0
      ? [`${Math.round(characters)}: ${one.textContent.slice(0, 60)}`] : [];
  });
}"""
MOVING = """() => [...document.querySelectorAll("*")].filter((one) => {
  const { transitionDuration, animationName } = getComputedStyle(one);
  return animationName !== "none" || transitionDuration.split(", ").some((time) => time !== "0s");
}).map((one) => `${one.tagName}.${one.className}`)"""


@asynccontextmanager
async def on(browser: Browser, address: str, screen: str) -> AsyncIterator[Console]:
    async with Console.opened(browser, address, **SCREENS[screen]) as console:
        if "large text" in screen:
            session = await console.page.context.new_cdp_session(console.page)
            await session.send("Page.setFontSizes", {"fontSizes": {"standard": 32, "fixed": 26}})
        yield console


async def fits(page: Page) -> None:
    await expect(page.locator("[aria-busy=true]")).to_have_count(0)
    assert await page.evaluate(CUT) == []
    overflow = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0, "the page scrolls sideways"
    assert await page.evaluate(LONG, LONGEST_LINE) == []


@pytest.mark.parametrize("screen", SCREENS)
async def test_pages_fit(browser: Browser, address: str, screen: str) -> None:
    async with on(browser, address, screen) as console:
        page = console.page
        await page.goto("/")
        await heading(page)
        await fits(page)
        for persona, paths in PAGES.items():
            await page.evaluate("sessionStorage.clear()")
            await page.goto(f"/?as={persona}")
            for path in paths:
                await page.locator(".place").wait_for()
                await page.goto(path)
                await heading(page)
                await fits(page)


@pytest.mark.parametrize("prepare", [activity, filters, stop, invite], ids=lambda one: one.__name__)
async def test_dialogs_and_panels_fit(
    browser: Browser, address: str, prepare: Callable[[Page], Awaitable[None]]
) -> None:
    async with on(browser, address, "320 px with large text") as console:
        page = await console.sign_in("owner")
        await prepare(page)
        await fits(page)


async def test_nothing_moves_for_whoever_wants_no_motion(browser: Browser, address: str) -> None:
    async with Console.opened(browser, address, reduced_motion="reduce") as console:
        page = await console.sign_in("owner")
        await activity(page)
        assert await page.evaluate(MOVING) == []
        await page.goto("/?as=agency-owner")
        await expect(page.get_by_role("table")).to_be_visible()
        assert await page.evaluate(MOVING) == []


async def test_what_is_chosen_is_seen_in_forced_colors(browser: Browser, address: str) -> None:
    async with Console.opened(browser, address, forced_colors="active") as console:
        page = await console.sign_in("owner", "/?view=funnel")
        await expect(page.get_by_role("button", name="All time")).to_have_css("outline-style", "solid")
        await expect(page.get_by_role("button", name="Last 30 days")).to_have_css("outline-style", "none")
        await page.goto("/")
        await invite(page)
        await page.get_by_role("dialog").get_by_role("button", name="Location").press("ArrowDown")
        await page.keyboard.press("ArrowDown")
        await expect(page.get_by_role("listbox").get_by_role("option").nth(1)).to_be_focused()
        await expect(page.get_by_role("listbox").get_by_role("option").nth(1)).to_have_css("outline-style", "solid")
        await expect(page.get_by_role("listbox").get_by_role("option").nth(0)).to_have_css("outline-style", "none")
