"""A console and a server of different versions: parts that are gone since an upgrade, and documents that the server refuses."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, Request, Route, expect

from tests.console.looking import Console

GONE = "This part of the console could not be loaded."
UPDATED = "Plaudit has been updated meanwhile. Reload the page to go on."


@pytest.fixture
async def upgraded(browser: Browser, address: str) -> AsyncIterator[Console]:
    """A tab that provokes what it complains about."""
    async with Console.opened(browser, address) as console:
        console.expected += ["status of 404", "status of 400", "dynamically imported module", "Unable to preload"]
        yield console


async def lose(page: Page, part: str) -> None:
    """As after an upgrade: the server has this file under another name only."""
    await page.route(f"**/console/{part}*", lambda route: route.fulfill(status=404, body="There is no such file."))


async def lose_once(page: Page, part: str) -> None:
    """As a connection does that has just come back; the browser asks twice for a part that it loads."""
    await page.route(f"**/console/{part}*", lambda route: route.abort(), times=2)


async def ask_too_much(route: Route) -> None:
    """As a newer console would, for a field that this server does not have."""
    asked = route.request.post_data_json or {}
    asked["query"] = asked["query"].replace("{", "{ brandNewField ", 1)
    await route.continue_(post_data=asked)


async def reloads(page: Page) -> None:
    await page.unroute_all()
    async with page.expect_navigation():
        await page.get_by_role("button", name="Reload the page").click()


async def test_a_page_that_is_gone_says_to_reload_and_leaves_the_frame(upgraded: Console) -> None:
    page = await upgraded.sign_in("owner")
    await lose(page, "funnel-page")
    await page.get_by_role("link", name="Funnel").click()
    await expect(page.get_by_role("alert")).to_contain_text(GONE)
    await page.get_by_role("link", name="Customers").click()
    await expect(page.get_by_role("table")).to_be_visible()
    await page.get_by_role("link", name="Funnel").click()
    await reloads(page)
    await expect(page.get_by_role("heading", name="Invitation funnel")).to_be_visible()


@pytest.mark.parametrize(("part", "button"), [("invite-dialog", "Invite a customer"), ("detail-panel", "Activity of")])
async def test_a_dialog_that_is_gone_asks_to_reload(upgraded: Console, part: str, button: str) -> None:
    page = await upgraded.sign_in("owner")
    await lose(page, part)
    await page.get_by_role("button", name=button).first.click()
    question = page.get_by_role("alertdialog")
    await expect(question).to_contain_text(GONE)
    await question.get_by_role("button", name="Cancel").click()
    await expect(question).to_have_count(0)
    await expect(page.get_by_role("table")).to_be_visible()
    await page.get_by_role("button", name=button).first.click()
    await reloads(page)


async def test_a_sign_in_page_that_is_gone_is_no_empty_page(upgraded: Console) -> None:
    page = await upgraded.sign_in("owner")
    await page.reload()
    await lose(page, "sign-in-page")
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_role("alert")).to_contain_text(GONE)
    await reloads(page)
    await expect(page.get_by_role("heading", name="Who do you want to be?")).to_be_visible()


async def test_a_page_that_cannot_be_loaded_at_first_is_tried_again(upgraded: Console) -> None:
    upgraded.expected.append("ERR_FAILED")
    page = await upgraded.sign_in("owner")
    await lose_once(page, "funnel-page")
    await page.get_by_role("link", name="Funnel").click()
    await expect(page.get_by_role("heading", name="Invitation funnel")).to_be_visible()


async def test_a_page_that_the_server_does_not_understand_says_to_reload(upgraded: Console) -> None:
    page = await upgraded.sign_in("owner")
    await expect(page.get_by_role("table")).to_be_visible()
    await page.route("**/graphql", ask_too_much)
    await page.get_by_role("button", name="Last Name").click()
    await expect(page.get_by_role("alert")).to_contain_text(UPDATED)
    await reloads(page)
    await expect(page.get_by_role("table")).to_be_visible()


async def test_a_console_that_the_server_does_not_understand_at_all_says_to_reload(upgraded: Console) -> None:
    await upgraded.page.route("**/graphql", ask_too_much)
    await upgraded.page.goto("/?as=owner")
    await expect(upgraded.page.get_by_role("alert").filter(has_text=UPDATED)).to_be_visible()
    await reloads(upgraded.page)


def is_stream(request: Request) -> bool:
    return request.headers.get("accept") == "text/event-stream"


async def refuse_streams(route: Route) -> None:
    await (ask_too_much(route) if is_stream(route.request) else route.continue_())


async def test_a_stream_that_the_server_does_not_understand_is_not_asked_for_again(upgraded: Console) -> None:
    page, asked = await upgraded.sign_in("owner"), list[Request]()
    await page.clock.install()
    page.on("request", lambda one: asked.append(one) if is_stream(one) else None)
    await page.route("**/graphql", refuse_streams)
    async with page.expect_response(lambda one: is_stream(one.request)):
        await page.get_by_role("button", name="Activity of").first.click()
    await expect(page.locator(".timeline li").first).to_be_visible()
    await page.clock.fast_forward("00:30")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    assert len(asked) == 1
