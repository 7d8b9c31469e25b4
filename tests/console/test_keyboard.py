"""Every journey by keyboard alone: the focus is never lost, and returns to where it came from."""

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Locator, Page, expect

from tests.console.looking import Console
from tests.console.test_customers import row_that_can_be_stopped
from tests.console.test_imports import tab_to
from tests.console.test_invite import new_address

NOTED = """() => {
  window.lost = [];
  let since = null;
  const look = () => {
    const isLost = document.activeElement === document.body && window.pressed;
    since = isLost ? (since ?? performance.now()) : null;
    if (since !== null && performance.now() - since > 500) {
      window.lost.push(window.pressed);
      window.pressed = since = null;
    }
    requestAnimationFrame(look);
  };
  addEventListener("keydown", (event) => {
    const { activeElement } = document;
    if (activeElement !== document.body) window.pressed = `${event.key} on ${activeElement.textContent.slice(0, 60)}`;
  }, true);
  look();
}"""
"""Notes each press of a key after which nothing has the focus for half a second."""


@pytest.fixture
async def keys(console: Console) -> AsyncIterator[Console]:
    """A tab that fails the test if the focus was lost."""
    await console.page.add_init_script(f"({NOTED})()")
    yield console
    assert await console.page.evaluate("window.lost") == []


async def press(page: Page, target: Locator, key: str = "Enter") -> None:
    await tab_to(page, target)
    await page.keyboard.press(key)


async def settled(page: Page) -> None:
    await expect(page.get_by_role("main")).to_have_attribute("aria-busy", "false")


async def test_signing_in_as_a_persona_and_out_again(keys: Console) -> None:
    page = keys.page
    await page.goto("/")
    await press(page, page.get_by_role("button", name="Viktor Schäfer"))
    await expect(page.get_by_role("table")).to_be_visible()
    await expect(page.locator(".place")).to_be_focused()
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("main").locator(":focus")).to_be_visible()
    for _ in range(2):
        await page.keyboard.press("Shift+Tab")
    await press(page, page.get_by_role("button", name="Sign out"))
    await expect(page.get_by_role("main")).to_be_focused()


async def test_searching_filtering_and_clearing(keys: Console) -> None:
    page = await keys.sign_in("viewer")
    search = page.get_by_role("searchbox", name="Search customers")
    await tab_to(page, search)
    await page.keyboard.type("ann")
    await expect(page.locator("mark").first).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.locator("mark")).to_have_count(0)
    await expect(search).to_be_focused()
    await press(page, page.get_by_role("button", name="Filters"))
    score = page.get_by_role("combobox", name="NPS score")
    await tab_to(page, score)
    await page.keyboard.type("9")
    await expect(page).to_have_url(re.compile("score=promoters"))
    await expect(score).to_be_focused()
    await press(page, page.get_by_role("button", name="Clear filters"))
    await expect(page).not_to_have_url(re.compile("score="))
    await expect(page.locator(":focus")).to_be_visible()


async def test_a_column_that_orders_the_table_keeps_the_focus(keys: Console) -> None:
    page = await keys.sign_in("viewer")
    head = page.get_by_role("button", name="Last Name")
    for direction in ("DESC", "ASC"):
        await press(page, head)
        await expect(page).to_have_url(re.compile(f"order=LAST_NAME.{direction}"))
        await settled(page)
        await expect(head).to_be_focused()


async def test_a_page_button_that_is_disabled_leaves_the_focus_beside_it(keys: Console) -> None:
    page = await keys.sign_in("agency-owner")
    following = page.get_by_role("button", name="Next page")
    await press(page, following)
    await expect(following).to_be_disabled()
    await expect(page.get_by_role("navigation", name="Pages of clients")).to_be_focused()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(following).to_be_enabled()
    await expect(page.get_by_role("navigation", name="Pages of clients")).to_be_focused()


async def test_a_panel_gives_the_focus_back(keys: Console) -> None:
    page = await keys.sign_in("viewer")
    button = page.get_by_role("button", name="Activity of").nth(3)
    await press(page, button)
    panel = page.get_by_role("dialog")
    await expect(panel.locator(".timeline li").first).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(panel).to_have_count(0)
    await expect(button).to_be_focused()


async def test_a_panel_that_an_address_opened_leaves_the_focus_on_the_page(keys: Console) -> None:
    page = await keys.sign_in("viewer")
    await press(page, page.get_by_role("button", name="Activity of").first)
    panel = page.get_by_role("dialog")
    await expect(panel.locator(".timeline li").first).to_be_visible()
    await page.reload()
    await expect(panel.locator(".timeline li").first).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(panel).to_have_count(0)
    await expect(page.locator(":focus")).to_have_count(1)


async def test_stopping_and_restarting(keys: Console) -> None:
    page = await keys.sign_in("owner")
    _email, row = await row_that_can_be_stopped(page)
    dialog = page.get_by_role("alertdialog")
    await press(page, row.get_by_role("button", name="Stop"))
    await expect(dialog.get_by_role("button", name="Stop invitation")).to_be_focused()
    await page.keyboard.press("Enter")
    restart = row.get_by_role("button", name="Restart")
    await expect(restart).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(dialog.get_by_role("button", name="Restart invitation")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(row.get_by_role("button", name="Stop")).to_be_focused()


async def test_inviting(keys: Console) -> None:
    page, email = await keys.sign_in("owner"), new_address()
    invite = page.get_by_role("button", name="Invite a customer")
    await press(page, invite)
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_role("button", name="Location")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("listbox")).to_be_visible()
    await page.keyboard.type("Kornblume Mitte")
    await page.keyboard.press("Enter")
    await tab_to(page, dialog.get_by_label("E-mail address"))
    await page.keyboard.type(email)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status").filter(has_text="is invited.")).to_be_visible()
    await expect(invite).to_be_focused()
    look = page.get_by_role("button", name="Show activity")
    await press(page, look)
    await expect(page.get_by_role("dialog").locator(".timeline li").first).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(look).to_be_focused()


async def test_from_the_board_into_a_client_to_the_funnel_and_back(keys: Console) -> None:
    page = await keys.sign_in("agency-owner")
    place = page.locator(".place")
    await press(page, page.get_by_role("rowheader").get_by_role("link").nth(2))
    await expect(page.get_by_role("heading", name="Customers", exact=True)).to_be_visible()
    await expect(place).to_be_focused()
    await page.keyboard.press("Shift+Tab")
    await press(page, page.get_by_role("link", name="Funnel"), "Enter")
    await expect(page.get_by_role("heading", name="Invitation funnel")).to_be_visible()
    await press(page, page.get_by_role("button", name="Last 30 days"), "Space")
    await settled(page)
    await expect(page.get_by_role("button", name="Last 30 days")).to_be_focused()
    await page.go_back()
    await page.go_back()
    await expect(page.get_by_role("heading", name="Customers", exact=True)).to_be_visible()
    await page.go_back()
    await expect(page.get_by_role("rowheader").first).to_be_visible()
    await expect(place).to_be_focused()


async def test_trying_again_without_a_connection(keys: Console) -> None:
    keys.expected.append("ERR_FAILED")
    # Intercepted from the start: where the first route comes just before a key, the browser may let that key's request pass.
    await keys.page.route("**/no-such-file", lambda route: route.abort())
    page = await keys.sign_in("viewer")
    await tab_to(page, page.get_by_role("button", name="Next page"))
    await page.route("**/graphql", lambda route: route.abort())
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_contain_text("The server cannot be reached.")
    await expect(page.locator(".place")).to_be_focused()
    await page.unroute("**/graphql")
    await press(page, page.get_by_role("button", name="Try again"))
    await expect(page.get_by_role("table")).to_be_visible()
    await expect(page.locator(":focus")).to_have_count(1)
