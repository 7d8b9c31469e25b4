"""What is read aloud to those who do not see it: each result once, in a region that was there before."""

import re
from typing import Any

from playwright.async_api import Page, expect

from tests.console.looking import Console
from tests.console.test_customers import row_that_can_be_stopped
from tests.console.test_imports import NEW, check, csv_file, reach, upload
from tests.console.test_invite import choose_location, fill, new_address, opened, send

LISTEN = """() => {
  window.told = [];
  const regions = new WeakMap();
  const look = () => {
    for (const one of document.querySelectorAll("[role=status], [role=alert]")) {
      const [before, now] = [regions.get(one), one.textContent];
      regions.set(one, now);
      const isNew = before === undefined;
      if (now && before !== now && (!isNew || one.role === "alert")) window.told.push(now);
    }
  };
  new MutationObserver(look).observe(document, { childList: true, subtree: true, characterData: true });
}"""
"""Notes what a screen reader says: changes of regions that it knows, and alerts when they come."""


async def listen(page: Page) -> None:
    await page.evaluate(LISTEN)
    await page.evaluate("document.body.append(document.createComment(''))")


async def told(page: Page) -> list[str]:
    found: Any = await page.evaluate("window.told.splice(0)")
    return [str(one) for one in found]


async def test_the_number_of_results_is_said_once_for_each_search(console: Console) -> None:
    page = await console.sign_in("viewer")
    count = page.get_by_role("status").filter(has_text="customers")
    await expect(count).to_be_visible()
    await listen(page)
    search = page.get_by_role("searchbox")
    await search.fill("zzzzzz")
    await expect(count).to_have_text("0 customers")
    await search.fill("")
    await expect(count).not_to_have_text("0 customers")
    everybody = await count.inner_text()
    await page.get_by_role("button", name="Last Name").click()
    await expect(page.get_by_role("main")).to_have_attribute("aria-busy", "false")
    assert await told(page) == ["0 customers", everybody]


async def test_the_number_of_clients_and_lists_is_said_too(console: Console) -> None:
    page = await console.sign_in("agency-owner")
    await expect(page.get_by_role("status").filter(has_text="24 clients")).to_be_visible()
    await listen(page)
    await page.get_by_role("searchbox").fill("porto")
    await expect(page.get_by_role("status").filter(has_text="6 clients")).to_be_visible()
    assert await told(page) == ["6 clients"]


async def test_a_stop_and_a_restart_are_said_once(console: Console) -> None:
    page = await console.sign_in("owner")
    _email, row = await row_that_can_be_stopped(page)
    await listen(page)
    await row.get_by_role("button", name="Stop").click()
    await page.get_by_role("button", name="Stop invitation").click()
    await expect(row.get_by_role("status")).to_have_text(re.compile("is stopped"))
    await row.get_by_role("button", name="Restart").click()
    await page.get_by_role("button", name="Restart invitation").click()
    await expect(row.get_by_role("status")).to_have_text(re.compile("is restarted"))
    assert [one.rsplit(" ", 1)[1] for one in await told(page)] == ["stopped.", "restarted."]


async def test_each_refusal_is_said_even_if_it_is_the_same(console: Console) -> None:
    console.expected.append("ERR_FAILED")
    page = await console.sign_in("owner")
    _email, row = await row_that_can_be_stopped(page)
    await listen(page)
    await page.route("**/graphql", lambda route: route.abort())
    for _ in range(2):
        await row.get_by_role("button", name="Stop").click()
        async with page.expect_event("requestfailed", lambda one: "InvitationNow" in (one.post_data or "")):
            await page.get_by_role("button", name="Stop invitation").click()
    await expect(row.get_by_role("alert")).to_be_visible()
    assert len(await told(page)) == 2


async def test_an_invitation_is_said_once(console: Console) -> None:
    page = await console.sign_in("owner")
    await expect(page.get_by_role("table")).to_be_visible()
    await listen(page)
    dialog, email = await opened(page), new_address()
    await choose_location(page, dialog)
    await fill(dialog, email=email)
    await send(dialog)
    await expect(page.get_by_role("row").filter(has_text=email)).to_be_visible()
    assert len([one for one in await told(page) if f"{email} is invited." in one]) == 1


async def test_progress_is_said_by_its_states(console: Console) -> None:
    page = await console.sign_in("owner", NEW)
    await upload(page, csv_file(2))
    await check(page)
    await expect(page.locator("p.badge")).to_be_visible()
    await listen(page)
    await reach(page, "Checked")
    await page.get_by_role("button", name="Invite 2 customers").click()
    await reach(page, "Completed")
    said = await told(page)
    assert said[-1] == "Completed"
    assert len(said) == len(set(said))
