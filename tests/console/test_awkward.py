"""The console in awkward places: browsers that keep nothing, wrong clocks, long names, small screens and paper."""

import time

import pytest
from playwright.async_api import Browser, Page, expect

from tests.console.looking import Console

HOUR = 3_600
LONG = "Wolfeschlegelsteinhausenbergerdorff"
FORBIDDEN = """for (const name of ["sessionStorage", "localStorage"])
  Object.defineProperty(window, name, { get() { throw new DOMException("Access is denied.", "SecurityError"); } });"""
FULL = 'Storage.prototype.setItem = () => { throw new DOMException("The quota has been exceeded.", "QuotaExceededError"); };'


@pytest.mark.parametrize("script", [FORBIDDEN, FULL])
async def test_who_keeps_nothing_is_signed_in_as_long_as_the_page(console: Console, script: str) -> None:
    await console.page.add_init_script(script)
    page = await console.sign_in("viewer")
    await expect(page.get_by_role("button", name="Activity of").first).to_be_visible()
    await page.reload()
    await expect(page.get_by_role("heading", name="Who do you want to be?")).to_be_visible()


@pytest.mark.parametrize("ahead", [-5 * HOUR, 5 * HOUR])
async def test_a_wrong_clock_neither_ends_a_session_nor_renews_it_all_the_time(console: Console, ahead: int) -> None:
    page, renewals = console.page, list[str]()
    page.on("request", lambda request: renewals.append(request.url) if "/sign-in/renew" in request.url else None)
    await page.clock.install(time=time.time() + ahead)
    await console.sign_in("viewer")
    await page.clock.fast_forward("45:00")
    assert renewals == []
    async with page.expect_response("**/sign-in/renew"):
        await page.clock.fast_forward("10:00")


async def invited(page: Page) -> None:
    """Invites somebody whose name has no place to break."""
    await page.get_by_role("button", name="Invite a customer").click()
    form = page.get_by_role("dialog", name="Invite a customer")
    await form.get_by_label("First name").fill(LONG * 2)
    await form.get_by_label("Last name").fill(LONG)
    await form.get_by_label("E-mail address").fill("long@example.org")
    await form.get_by_role("button", name="Invite", exact=True).click()
    await expect(page.get_by_text("is invited.")).to_be_visible()


async def test_a_long_name_fits_a_phone(browser: Browser, address: str) -> None:
    async with Console.opened(browser, address, viewport={"width": 360, "height": 640}) as phone:
        page = await phone.sign_in("starter-owner")
        await invited(page)
        await page.get_by_role("searchbox").fill(LONG)
        await expect(page.get_by_text("1 customer", exact=True)).to_be_visible()
        await page.get_by_role("button", name="Stop the invitation of").click()
        await fits(page, ".modal")
        await page.keyboard.press("Escape")
        await page.get_by_role("button", name="Activity of").click()
        await expect(page.get_by_role("dialog").get_by_role("heading", name=LONG)).to_be_visible()
        await fits(page, ".panel")


async def fits(page: Page, part: str) -> None:
    assert await page.locator(part).evaluate("part => part.scrollWidth <= part.clientWidth")


async def test_a_question_can_be_answered_at_400_percent(browser: Browser, address: str) -> None:
    async with Console.opened(browser, address, viewport={"width": 320, "height": 225}) as zoomed:
        page = await zoomed.sign_in("owner")
        await page.get_by_role("button", name="Stop the invitation of", disabled=False).first.click()
        answer = page.get_by_role("alertdialog").get_by_role("button", name="Cancel")
        await answer.scroll_into_view_if_needed()
        await expect(answer).to_be_in_viewport(ratio=1)


async def test_the_whole_table_is_on_paper(browser: Browser, address: str) -> None:
    async with Console.opened(browser, address, viewport={"width": 718, "height": 1000}) as sheet:
        page = await sheet.sign_in("viewer")
        await page.emulate_media(media="print")
        await expect(page.get_by_role("columnheader", name="NPS Score")).to_be_visible()
        await expect(page.get_by_role("button", name="Sign out")).to_be_hidden()
        await fits(page, ".customers")
