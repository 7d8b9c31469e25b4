"""The Customers page in a browser."""

import asyncio
import re

from playwright.async_api import Locator, Page, Request, Route, expect

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


async def test_a_key_asks_for_rows_alone(console: Console) -> None:
    page = await console.sign_in("owner")
    await expect(page.get_by_role("main")).to_have_attribute("aria-busy", "false")
    asked: list[object] = []
    page.on("request", lambda request: asked.append(request.post_data_json))
    await page.get_by_role("searchbox", name="Search customers").press_sequentially("ann")
    await expect(page.locator("mark").first).to_be_visible()
    assert [body["operationName"] for body in asked if isinstance(body, dict)] == ["Customers"]


def asks_for(request: Request, term: str) -> bool:
    return f'"search":"{term}"' in (request.post_data or "")


async def test_an_overtaken_search_is_given_up(console: Console) -> None:
    page = await console.sign_in("owner")
    given_up: asyncio.Future[Request] = asyncio.get_running_loop().create_future()

    async def hold_the_first(route: Route) -> None:
        if asks_for(route.request, "ann"):
            await given_up
            await route.abort()
        else:
            await route.continue_()

    await page.route("**/graphql", hold_the_first)
    page.on("requestfailed", lambda request: given_up.set_result(request))
    search = page.get_by_role("searchbox", name="Search customers")
    async with page.expect_request(lambda request: asks_for(request, "ann")):
        await search.press_sequentially("ann")
    await search.press_sequentially("a")
    await expect(page.locator("mark").first).to_have_text(re.compile("^anna$", re.IGNORECASE))
    assert asks_for(await given_up, "ann")


async def test_check_a_customers_activity_history(console: Console) -> None:
    page = await console.sign_in("viewer")
    await page.get_by_role("button", name="Activity of").first.click()
    panel = page.get_by_role("dialog")
    await expect(panel.get_by_role("heading", name="Review invitation history")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(panel).to_have_count(0)


async def test_customer_profile(console: Console) -> None:
    page = await console.sign_in("viewer")
    row = page.get_by_role("row").nth(1)
    shown = [await row.get_by_role("cell").nth(at).inner_text() for at in (0, 1, 4)]
    await row.get_by_role("button", name="Activity of").click()
    profile = page.get_by_role("dialog").get_by_role("region", name="Customer profile")
    for text in shown:
        await expect(profile).to_contain_text(text)


async def test_linked_review(console: Console) -> None:
    page = await console.sign_in("viewer", "/?reviewed=yes&score=promoters")
    await page.get_by_role("button", name="Activity of").first.click()
    review = page.get_by_role("dialog").get_by_role("region", name="Linked review")
    await expect(review).to_contain_text(
        re.compile(r"\d stars on \w+ · NPS score (9|10) · (Positive|Neutral|Negative)")
    )
    await expect(review.get_by_role("blockquote")).to_be_visible()
    await expect(review.get_by_role("link", name="Reply")).to_have_attribute("href", re.compile("^https://"))


async def test_review_invitation_history(console: Console) -> None:
    page = await console.sign_in("viewer", "/?reviewed=yes&score=promoters")
    await page.get_by_role("button", name="Activity of").first.click()
    history = page.get_by_role("dialog").get_by_role("region", name="Review invitation history")
    await expect(history).to_contain_text("The invitation is: Completed.")
    await expect(history.get_by_role("table", name="Messages").get_by_role("row")).not_to_have_count(0)
    happened = history.locator(".timeline li")
    for kind in ("Invited", "Sent", "Link clicked", "NPS score given", "Platform chosen"):
        await expect(happened.filter(has_text=kind).first).to_be_visible()
    times = await history.locator(".timeline time").evaluate_all("all => all.map(one => one.dateTime)")
    assert times == sorted(times, reverse=True)


def stops(page: Page) -> Locator:
    return page.get_by_role("button", name="Stop the invitation of", disabled=False)


async def row_that_can_be_stopped(page: Page) -> tuple[str, Locator]:
    """The address and the row of somebody whose invitation can be stopped."""
    row = page.get_by_role("row").filter(has=stops(page)).first
    email = await row.get_by_role("cell").nth(4).inner_text()
    return email, page.get_by_role("row").filter(has_text=email)


async def test_stop_or_restart_an_invitation(console: Console) -> None:
    page = await console.sign_in("owner")
    _email, row = await row_that_can_be_stopped(page)
    await row.get_by_role("button", name="Stop").click()
    dialog = page.get_by_role("alertdialog")
    await expect(dialog).to_contain_text("No further message is sent.")
    await dialog.get_by_role("button", name="Cancel").click()
    await row.get_by_role("button", name="Stop").click()
    await dialog.get_by_role("button", name="Stop invitation").click()
    await row.get_by_role("button", name="Restart").click()
    await dialog.get_by_role("button", name="Restart invitation").click()
    await expect(row.get_by_role("button", name="Stop")).to_be_enabled()


async def test_a_stop_without_a_connection_is_taken_back_and_told(console: Console) -> None:
    console.expected.append("ERR_INTERNET_DISCONNECTED")
    page = await console.sign_in("owner")
    _email, row = await row_that_can_be_stopped(page)
    await row.get_by_role("button", name="Stop").click()
    await page.context.set_offline(True)
    await page.get_by_role("alertdialog").get_by_role("button", name="Stop invitation").click()
    await expect(row.get_by_role("alert")).to_contain_text("The server cannot be reached")
    await expect(row.get_by_role("button", name="Stop")).to_be_enabled()


async def test_a_viewer_reads_why_they_cannot_stop(console: Console) -> None:
    page = await console.sign_in("viewer")
    await expect(page.get_by_text("You cannot stop or restart invitations.")).to_be_visible()
    await expect(page.get_by_role("button", name="Activity of").first).to_be_visible()
    await expect(stops(page)).to_have_count(0)
    assert await page.get_by_role("button", name="Stop the invitation of").count() > 0


async def test_filters_narrow_the_table_and_stand_in_the_address(console: Console) -> None:
    page = await console.sign_in("owner")
    await page.get_by_role("button", name="Filters").click()
    await page.get_by_role("combobox", name="NPS score").select_option("9–10 (promoters)")
    await expect(page).to_have_url(re.compile("score=promoters"))
    await page.get_by_role("combobox", name="Review").select_option("With a review")
    await expect(page).to_have_url(re.compile("reviewed=yes"))
    await expect(page.get_by_role("main")).to_have_attribute("aria-busy", "false")
    scores = page.locator("tbody tr td:nth-child(8)")
    await expect(scores.first).to_have_text(re.compile("^(9|10)$"))
    assert {await scores.nth(at).inner_text() for at in range(await scores.count())} <= {"9", "10"}
    await page.reload()
    await expect(page.get_by_role("combobox", name="NPS score")).to_have_value("promoters")
    await page.get_by_role("textbox", name="Source").fill("Nobody's")
    await page.get_by_role("textbox", name="Source").press("Enter")
    await expect(page.get_by_text("No customer matches these filters.")).to_be_visible()
    await page.get_by_role("button", name="Clear filters").click()
    await expect(page).not_to_have_url(re.compile("score=|source="))
    await page.go_back()
    await expect(page).to_have_url(re.compile("score=promoters"))


async def test_the_list_that_brought_customers_is_a_filter(console: Console) -> None:
    page = await console.sign_in("owner")
    await page.get_by_role("button", name="Filters").click()
    lists = page.get_by_role("combobox", name="List", exact=True)
    await lists.press("ArrowDown")
    name = await page.get_by_role("option").last.inner_text()
    await lists.fill(name)
    await page.get_by_role("option", name=name, exact=True).click()
    await expect(page).to_have_url(re.compile("list="))
    await expect(page.get_by_role("main")).to_have_attribute("aria-busy", "false")
    await page.get_by_role("button", name="Activity of").first.click()
    await expect(page.get_by_role("dialog")).to_contain_text(name)
    await page.keyboard.press("Escape")
    await page.reload()
    await expect(lists).to_have_value(name)
    await lists.fill("")
    await expect(page).not_to_have_url(re.compile("list="))


async def test_pages_go_forward_and_back_with_the_browser(console: Console) -> None:
    page = await console.sign_in("owner")
    first = page.locator("tbody tr td:nth-child(5)").first
    before = await first.inner_text()
    await page.get_by_role("button", name="Next page").click()
    await expect(first).not_to_have_text(before)
    await page.go_back()
    await expect(first).to_have_text(before)


async def test_columns_order_the_table(console: Console) -> None:
    page = await console.sign_in("owner")
    await page.get_by_role("button", name="NPS Score").click()
    head = page.get_by_role("columnheader", name="NPS Score")
    await expect(head).to_have_attribute("aria-sort", "descending")
    await expect(page.locator("tbody tr td:nth-child(8)").first).to_have_text("10")
    await page.get_by_role("button", name="NPS Score").click()
    await expect(head).to_have_attribute("aria-sort", "ascending")
