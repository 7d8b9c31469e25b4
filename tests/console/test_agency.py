"""An agency's board in a browser: its clients, their totals, and the way into a client's page and back."""

import re

from playwright.async_api import Browser, Locator, Page, expect

from tests.console.looking import Console

PAGE, CLIENTS = 20, 24


def rows(page: Page) -> Locator:
    return page.get_by_role("region", name="Clients", exact=True).get_by_role("rowheader").get_by_role("link")


def total(page: Page, name: str) -> Locator:
    cards = page.get_by_role("region", name="Totals over all clients").get_by_role("article")
    return cards.filter(has_text=name).locator(".figure")


async def column(page: Page, number: int) -> list[str]:
    return await page.locator(f".board tbody td:nth-of-type({number})").all_inner_texts()


async def test_an_agency_opens_on_all_its_clients_with_totals(console: Console) -> None:
    page = await console.sign_in("agency-owner")
    await expect(page.get_by_role("heading", name="Clients of Brightside Reputation")).to_be_visible()
    await expect(total(page, "Clients")).to_have_text(str(CLIENTS))
    await expect(total(page, "Net Promoter Score")).to_have_text(re.compile(r"^-?\d+$"))
    await expect(rows(page)).to_have_count(PAGE)
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader")).first
    await expect(row).to_contain_text(re.compile(r"\d+ / 250"))
    await expect(row.get_by_role("meter")).to_be_visible()


async def test_clients_come_in_the_order_of_the_column_that_was_pressed(console: Console) -> None:
    page = await console.sign_in("agency-owner")
    nps = page.get_by_role("button", name="NPS", exact=True)
    await nps.click()
    head = page.get_by_role("columnheader").filter(has=nps)
    await expect(head).to_have_attribute("aria-sort", "descending")
    await expect(page).to_have_url(re.compile("order=NPS.DESC"))
    await expect(page.locator("main")).to_have_attribute("aria-busy", "false")
    shown = [int(score) for score in await column(page, 4) if score != "—"]
    assert shown == sorted(shown, reverse=True)
    await nps.click()
    await expect(head).to_have_attribute("aria-sort", "ascending")


async def test_clients_are_searched_while_typing(console: Console) -> None:
    page = await console.sign_in("agency-owner")
    search = page.get_by_role("searchbox", name="Search clients")
    await search.press_sequentially("cafe")
    await expect(page.get_by_role("status").filter(has_text="4 clients")).to_be_visible()
    await expect(rows(page)).to_have_count(4)
    await search.fill("garage")
    await expect(page.locator("mark").first).to_have_text("Garage")
    await search.fill("nobody has this name")
    await expect(page.get_by_text("No client matches “nobody has this name”.")).to_be_visible()
    await search.press("Escape")
    await expect(rows(page)).to_have_count(PAGE)
    await expect(page).not_to_have_url(re.compile("search="))


async def test_back_leads_from_page_to_page(console: Console) -> None:
    page = await console.sign_in("agency-owner")
    await expect(rows(page)).to_have_count(PAGE)
    first = await rows(page).all_inner_texts()
    await page.get_by_role("button", name="Next page").click()
    await expect(rows(page)).to_have_count(CLIENTS - PAGE)
    assert not set(first) & set(await rows(page).all_inner_texts())
    await expect(page.get_by_role("button", name="Next page")).to_be_disabled()
    await page.reload()
    await expect(rows(page)).to_have_count(CLIENTS - PAGE)
    await page.go_back()
    await expect(rows(page)).to_have_text(first)
    await page.go_forward()
    await page.get_by_role("button", name="First page").click()
    await expect(rows(page)).to_have_text(first)


async def test_a_period_changes_the_funnels_and_says_what_it_does_not_change(console: Console) -> None:
    page = await console.sign_in("agency-owner", "/?order=RATING.DESC")
    await expect(page.get_by_role("columnheader", name="Funnel, all time")).to_be_visible()
    await page.get_by_label("From").fill("2001-01-01")
    await page.get_by_label("To", exact=True).fill("2001-12-31")
    await expect(page.get_by_role("columnheader", name="Funnel in this period")).to_be_visible()
    await expect(total(page, "Net Promoter Score")).to_have_text("—")
    await expect(page.locator("main")).to_have_attribute("aria-busy", "false")
    assert set(await column(page, 6)) == {"0"}
    await expect(page.get_by_text("The order is that of the scores of all time")).to_be_visible()


async def test_into_a_clients_customers_page_and_back(console: Console) -> None:
    page = await console.sign_in("agency-owner", "/?search=porto")
    client = rows(page).first
    name = await client.inner_text()
    await client.click()
    await expect(page.get_by_role("heading", name="Customers", exact=True)).to_be_visible()
    await expect(page.get_by_role("banner")).to_contain_text(name)
    await expect(page).to_have_url(re.compile("account=acc_"))
    await expect(page.locator(".place")).to_be_focused()
    await expect(page.get_by_role("article").filter(has_text="Total Invited Customers")).to_contain_text("/ 250")
    await expect(page.get_by_role("button", name="Stop the invitation of").first).to_be_visible()
    await page.get_by_role("navigation", name="Pages").get_by_role("link", name="Funnel").click()
    await expect(page.get_by_role("img", name="Bar chart")).to_be_visible()
    await expect(page.get_by_role("banner")).to_contain_text(name)
    await page.reload()
    await expect(page.get_by_role("banner")).to_contain_text(name)
    for _ in range(2):
        await page.go_back()
    await expect(rows(page).first).to_have_text(name)
    await expect(page.get_by_role("searchbox", name="Search clients")).to_have_value("porto")


async def test_the_way_back_to_the_board_keeps_its_search(console: Console) -> None:
    page = await console.sign_in("agency-owner", "/?search=porto")
    await rows(page).first.click()
    await expect(page.get_by_role("heading", name="Customers", exact=True)).to_be_visible()
    await page.get_by_role("link", name="Clients").click()
    search = page.get_by_role("searchbox", name="Search clients")
    await expect(search).to_have_value("porto")
    await page.get_by_role("link", name="Clients").click()
    await expect(search).to_have_value("")
    await expect(rows(page)).to_have_count(PAGE)


async def test_a_member_of_an_agency_sees_the_clients_assigned_to_them(console: Console) -> None:
    page = await console.sign_in("agency-viewer")
    await expect(rows(page)).to_have_count(5)
    await expect(total(page, "Clients")).to_have_text("5")
    await rows(page).first.click()
    await expect(page.get_by_role("button", name="Invite a customer")).to_be_disabled()


async def test_a_client_or_business_has_no_board(console: Console) -> None:
    page = await console.sign_in("client-owner")
    await expect(page.get_by_role("link", name="Funnel")).to_be_visible()
    await expect(page.get_by_role("link", name="Clients")).to_have_count(0)
    await page.goto("/?view=clients")
    await expect(page.get_by_text("You are not a member of an agency.")).to_be_visible()


async def test_an_account_of_others_does_not_exist(console: Console, browser: Browser) -> None:
    page = await console.sign_in("agency-owner")
    await rows(page).first.click()
    await expect(page).to_have_url(re.compile("account=acc_"))
    path = page.url.removeprefix(console.address)
    async with Console.opened(browser, console.address) as stranger:
        theirs = await stranger.sign_in("owner", path)
        await expect(theirs.get_by_text("This account does not exist, or you cannot see it.")).to_be_visible()
        await theirs.get_by_role("link", name="Go to your own page").click()
        await expect(theirs.get_by_role("heading", name="Customers", exact=True)).to_be_visible()


async def test_a_cursor_of_another_order_leaves_a_way_on(console: Console) -> None:
    page = await console.sign_in("agency-owner", "/?view=clients&after=nonsense")
    await expect(page.get_by_role("alert")).to_contain_text("cursor")
    await page.get_by_role("link", name="Show all clients").click()
    await expect(rows(page)).to_have_count(PAGE)


async def test_a_lost_connection_leaves_a_way_on(console: Console) -> None:
    console.expected.append("ERR_FAILED")
    page = await console.sign_in("agency-owner")
    await expect(rows(page)).to_have_count(PAGE)
    await page.route("**/graphql", lambda route: route.abort())
    await page.get_by_role("button", name="Next page").click()
    await expect(page.get_by_role("alert")).to_contain_text("The server cannot be reached.")
    await page.unroute("**/graphql")
    await page.get_by_role("button", name="Try again").click()
    await expect(rows(page)).to_have_count(CLIENTS - PAGE)


async def test_the_board_by_keyboard(console: Console) -> None:
    page = await console.sign_in("agency-owner")
    await page.get_by_role("button", name="Rating", exact=True).focus()
    await page.keyboard.press("Enter")
    head = page.get_by_role("columnheader").filter(has=page.get_by_role("button", name="Rating", exact=True))
    await expect(head).to_have_attribute("aria-sort", "descending")
    await expect(page.get_by_role("main")).to_have_attribute("aria-busy", "false")
    await expect(page.get_by_role("button", name="Rating", exact=True)).to_be_focused()
    await page.keyboard.press("Tab")
    await expect(rows(page).first).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Customers", exact=True)).to_be_visible()
    await expect(page.locator(".place")).to_be_focused()


async def test_the_board_fits_a_narrow_screen_in_german(browser: Browser, console: Console) -> None:
    async with Console.opened(
        browser, console.address, locale="de-DE", viewport={"width": 320, "height": 700}
    ) as narrow:
        await narrow.page.goto("/?as=agency-owner")
        await expect(narrow.page.get_by_role("heading", name="Mandanten von Brightside Reputation")).to_be_visible()
        await expect(narrow.page.get_by_role("region", name="Mandanten", exact=True)).to_be_visible()
        assert await narrow.page.evaluate("document.documentElement.scrollWidth") == 320
