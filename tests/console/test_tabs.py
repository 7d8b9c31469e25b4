"""Several tabs of one browser: each has a session of its own, and sees what another one changed when it is looked at again."""

from playwright.async_api import Page, expect

from tests.console.looking import Console
from tests.console.test_customers import row_that_can_be_stopped
from tests.console.test_imports import NEW, ask, check, csv_file, reach, upload
from tests.console.test_invite import choose_location, fill, new_address, opened, send

ONE_ROW = "query ($search: String!) { account { customers(search: $search) { edges { node { invitation { id } } } } } }"
STOP = "mutation ($id: ID!) { stopInvitation(input: {invitationId: $id}) { userErrors { message } } }"


async def invitation_of(page: Page, email: str) -> str:
    found = await ask(page, ONE_ROW, search=email)
    return str(found["account"]["customers"]["edges"][0]["node"]["invitation"]["id"])


async def test_a_stop_in_one_tab_is_seen_when_the_other_is_looked_at_again(console: Console) -> None:
    page = await console.sign_in("owner")
    email, row = await row_that_can_be_stopped(page)
    await page.get_by_role("searchbox").fill(email)  # imports of other tests move rows on
    await expect(page.get_by_text("1 customer", exact=True)).to_be_visible()
    other = await console.sign_in("owner", f"/?search={email}", await console.another_tab())
    await other.get_by_role("button", name="Stop the invitation of").click()
    await other.get_by_role("button", name="Stop invitation").click()
    await expect(other.get_by_role("status").filter(has_text="is stopped")).to_have_count(1)  # by the server too
    await page.bring_to_front()
    await expect(row.get_by_role("button", name="Restart")).to_be_visible()


async def test_an_invitation_from_one_tab_is_seen_when_the_other_is_looked_at_again(console: Console) -> None:
    page = await console.sign_in("owner")
    other = await console.sign_in("owner", page=await console.another_tab())
    dialog, email = await opened(other), new_address()
    await choose_location(other, dialog)
    await fill(dialog, email=email)
    await send(dialog)
    await expect(other.get_by_role("row").filter(has_text=email)).to_be_visible()
    await page.bring_to_front()
    await expect(page.get_by_role("row").filter(has_text=email)).to_be_visible()


async def test_a_list_from_one_tab_is_seen_when_the_other_is_looked_at_again(console: Console) -> None:
    page = await console.sign_in("owner", "/?view=imports")
    await expect(page.get_by_role("status").filter(has_text="list")).to_be_visible()
    other = await console.sign_in("owner", NEW, await console.another_tab())
    await upload(other, csv_file(1))
    await check(other, name="From the other tab")
    await reach(other, "Checked")
    await page.bring_to_front()
    await expect(page.get_by_role("rowheader", name="From the other tab")).to_be_visible()


async def test_an_open_timeline_grows_with_what_another_tab_does(console: Console) -> None:
    page = await console.sign_in("owner")
    email, row = await row_that_can_be_stopped(page)
    await row.get_by_role("button", name="Activity of").click()
    panel = page.get_by_role("dialog")
    await expect(panel.locator(".timeline li").first).to_be_visible()
    await ask(page, STOP, id=await invitation_of(page, email))
    await expect(panel.locator(".timeline li").filter(has_text="Stopped").first).to_be_visible()


async def test_what_cannot_be_asked_again_stays_on_screen_and_says_so(console: Console) -> None:
    console.expected.append("ERR_INTERNET_DISCONNECTED")
    page = await console.sign_in("viewer")
    rows = page.locator("tbody tr")
    await expect(rows.first).to_be_visible()
    await console.another_tab()
    await page.context.set_offline(True)
    await page.bring_to_front()
    await expect(page.get_by_role("alert")).to_contain_text("The server cannot be reached.")
    await expect(rows.first).to_be_visible()
    await page.context.set_offline(False)
    await expect(page.get_by_role("alert")).to_have_count(0)


async def test_each_tab_is_another_member_and_signing_out_of_one_leaves_the_other(console: Console) -> None:
    page = await console.sign_in("owner")
    other = await console.sign_in("agency-owner", page=await console.another_tab())
    await expect(other.get_by_role("heading", name="Clients of Brightside Reputation")).to_be_visible()
    await other.get_by_role("button", name="Sign out").click()
    await expect(other.get_by_role("heading", name="Who do you want to be?")).to_be_visible()
    await page.bring_to_front()
    await page.get_by_role("link", name="Funnel").click()
    await expect(page.get_by_role("img", name="Bar chart")).to_be_visible()
    await page.reload()
    await expect(page.get_by_text("Olivia Brandt")).to_be_visible()
