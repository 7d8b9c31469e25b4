"""The invitation funnel in a browser: as a picture and as a table, by days and location."""

import re

from playwright.async_api import Locator, Page, expect

from tests.console.looking import Console

STAGES = ["Invited", "Delivered", "Opened", "Link clicked", "NPS score given", "Platform chosen", "Reviewed"]


def picture(page: Page) -> Locator:
    return page.get_by_role("img", name=re.compile(r"Bar chart of the invitation funnel\."))


def invited(page: Page) -> Locator:
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="Invited", exact=True))
    return row.get_by_role("cell").first


async def figure(cell: Locator) -> int:
    return int((await cell.inner_text()).replace(",", ""))


async def other_figure(cell: Locator, before: int) -> int:
    """What it says once it no longer says `before`."""
    await expect(cell).not_to_have_text(f"{before:,}")
    return await figure(cell)


async def test_the_funnel_is_a_picture_and_a_table_of_the_same_figures(console: Console) -> None:
    page = await console.sign_in("viewer")
    await page.get_by_role("navigation", name="Pages").get_by_role("link", name="Funnel").click()
    await expect(page.get_by_role("heading", name="Invitation funnel")).to_be_visible()
    await expect(page.get_by_role("rowheader")).to_have_text(STAGES)
    spoken = await picture(page).get_attribute("aria-label") or ""
    for row in await page.get_by_role("row").filter(has=page.get_by_role("rowheader")).all():
        stage = await row.get_by_role("rowheader").inner_text()
        count = await row.get_by_role("cell").first.inner_text()
        assert f"{stage}: {count}" in spoken


async def test_a_location_and_a_period_narrow_the_funnel_and_stand_in_the_address(console: Console) -> None:
    page = await console.sign_in("owner", "/?view=funnel")
    await expect(picture(page)).to_be_visible()
    ever = await figure(invited(page))
    await page.get_by_role("button", name="Last 30 days").click()
    await expect(page).to_have_url(re.compile(r"since=\d{4}-\d\d-\d\d"))
    lately = await other_figure(invited(page), ever)
    assert lately < ever
    await page.get_by_role("combobox", name="Location").select_option("Kornblume Mitte")
    await expect(page).to_have_url(re.compile(r"location=loc_"))
    here = await other_figure(invited(page), lately)
    assert here < lately
    await page.reload()
    await expect(invited(page)).to_have_text(f"{here:,}")
    await expect(page.get_by_role("button", name="Last 30 days")).to_have_attribute("aria-pressed", "true")
    await page.go_back()
    await expect(invited(page)).to_have_text(f"{lately:,}")


async def test_days_are_typed_and_a_reversed_period_is_explained(console: Console) -> None:
    page = await console.sign_in("viewer", "/?view=funnel")
    await page.get_by_label("From").fill("2026-02-01")
    await expect(page).to_have_url(re.compile(r"since=2026-02-01"))
    await page.get_by_label("To", exact=True).fill("2026-01-31")
    await expect(page.get_by_role("status").filter(has_text="The first day is after the last day.")).to_be_visible()
    await page.get_by_role("button", name="All time").click()
    await expect(picture(page)).to_be_visible()
    await expect(page).not_to_have_url(re.compile(r"since="))


async def test_a_period_in_which_nobody_was_invited_says_so(console: Console) -> None:
    page = await console.sign_in("viewer", "/?view=funnel&since=1999-01-01&until=1999-12-31")
    await expect(page.get_by_text("Nobody was invited in this period.")).to_be_visible()


async def test_a_location_that_does_not_exist_leaves_a_way_on(console: Console) -> None:
    page = await console.sign_in("viewer", "/?view=funnel&location=loc_0")
    await expect(page.get_by_role("alert")).to_contain_text("locationId")
    await page.get_by_role("link", name="Show all locations and all time").click()
    await expect(picture(page)).to_be_visible()
