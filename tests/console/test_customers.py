"""The Customers page in a browser."""

import re

from playwright.async_api import expect

from tests.console.looking import Console

COLUMNS = [
    "Invited On", "Location", "First Name", "Last Name", "Email", "Phone Number", "Source", "NPS Score", "Ratings", "Actions",
]  # fmt: skip


async def test_check_your_invitation_summary_cards(console: Console) -> None:
    page = await console.sign_in("owner")
    total = page.get_by_role("article").filter(has_text="Total Invited Customers")
    await expect(total).to_contain_text(re.compile(r"[\d,]+ / 30,0\d\d"))
    await expect(total).to_contain_text("Resets on")
    await expect(total.get_by_role("link", name="Buy More")).to_be_visible()
    cycle = page.get_by_role("article").filter(has_text="Invited This Cycle")
    await expect(cycle).to_contain_text("all locations")
    await expect(cycle).to_contain_text("Resets on")


async def test_a_client_of_an_agency_sees_the_second_card_alone(console: Console) -> None:
    page = await console.sign_in("client-owner")
    await expect(page.get_by_role("article")).to_have_count(1)
    await expect(page.get_by_role("article")).to_contain_text("Invited This Cycle")


async def test_read_the_customer_table(console: Console) -> None:
    page = await console.sign_in("viewer")
    await expect(page.get_by_role("columnheader")).to_have_count(len(COLUMNS))
    heads = await page.get_by_role("columnheader").all_inner_texts()
    assert [head.removesuffix(" ▼") for head in heads] == COLUMNS


async def test_search_for_a_customer(console: Console) -> None:
    page = await console.sign_in("owner")
    search = page.get_by_role("searchbox", name="Search customers")
    await search.press_sequentially("an")
    await expect(page.get_by_text("Type at least three characters.")).to_be_visible()
    await search.press_sequentially("n")
    await expect(page).to_have_url(re.compile(r"search=ann"))
    await expect(page.locator("mark").first).to_have_text(re.compile("ann", re.IGNORECASE))
    await search.press("Escape")
    await expect(search).to_have_value("")
    await expect(page.locator("mark")).to_have_count(0)
    await expect(page).not_to_have_url(re.compile("search="))


async def test_check_a_customers_activity_history(console: Console) -> None:
    page = await console.sign_in("viewer")
    await page.get_by_role("button", name="Activity of").first.click()
    panel = page.get_by_role("dialog")
    await expect(panel.get_by_role("heading", name="Customer profile")).to_be_visible()
    await expect(panel.get_by_role("heading", name="Review invitation history")).to_be_visible()
    await expect(panel.locator(".timeline li").first).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(panel).to_have_count(0)


async def test_stop_or_restart_an_invitation(console: Console) -> None:
    page = await console.sign_in("owner")
    row = page.get_by_role("row").filter(has=page.get_by_role("button", name="Stop", exact=True)).first
    email = await row.get_by_role("cell").nth(4).inner_text()
    same = page.get_by_role("row").filter(has_text=email)
    await row.get_by_role("button", name="Stop", exact=True).click()
    await page.get_by_role("alertdialog").get_by_role("button", name="Stop invitation").click()
    await same.get_by_role("button", name="Restart").click()
    await page.get_by_role("alertdialog").get_by_role("button", name="Restart invitation").click()
    await expect(same.get_by_role("button", name="Stop", exact=True)).to_be_visible()


async def test_a_viewer_has_no_stop(console: Console) -> None:
    page = await console.sign_in("viewer")
    await expect(page.get_by_role("button", name="Activity of").first).to_be_visible()
    await expect(page.get_by_role("button", name="Stop", exact=True)).to_have_count(0)
