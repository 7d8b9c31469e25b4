"""Import a customer list with Bulk Import, in a browser."""

import re
from typing import Any

import pytest
from playwright.async_api import Browser, FilePayload, Locator, Page, expect

from models.rules.ids import uuid7
from tests.console.looking import Console

NEW = "/?view=imports&new=1"
SETTLED = 30_000
"""Milliseconds in which the demo reads a list."""
LIVE = 8_000
"""Milliseconds before the page would look by itself."""
CANCEL = "mutation ($id: ID!) { cancelBulkImport(input: {bulkImportId: $id}) { userErrors { message } } }"


def csv_file(rows: int, *more: str) -> FilePayload:
    """A list of people whom nobody has invited yet, and more lines."""
    tag = uuid7().hex[-10:]
    people = [f"Ann {row};ann-{row}-{tag}@example.org" for row in range(rows)]
    return FilePayload(name="list.csv", mimeType="text/csv", buffer="\n".join(["Name;E-Mail", *people, *more]).encode())


async def upload(page: Page, file: FilePayload) -> None:
    async with page.expect_file_chooser() as chosen:
        await page.get_by_role("button", name="Choose a file").click()
    await (await chosen.value).set_files(file)
    await expect(page.get_by_text("What the columns contain")).to_be_visible()


async def check(page: Page, name: str = "", location: str = "Kornblume Brooklyn") -> None:
    """Checks the uploaded list."""
    await page.get_by_label("Location").select_option(location)
    if name:
        await page.get_by_label("List name").fill(name)
    await page.get_by_role("button", name="Check the list").click()


def state(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name="Progress").get_by_text(name, exact=True).and_(page.locator("p.badge"))


async def reach(page: Page, name: str) -> None:
    await expect(state(page, name)).to_be_visible(timeout=SETTLED)


async def figure(page: Page, name: str) -> str:
    entry = page.get_by_role("region", name="Progress").locator("dl > div").filter(has_text=name)
    return await entry.locator("dd").inner_text()


async def ask(page: Page, query: str, **variables: object) -> Any:
    """Asks the API as the member who is signed in, past the tab's own connection."""
    token = await page.evaluate("JSON.parse(sessionStorage.getItem('plaudit.session')).token")
    body = {"query": query, "variables": variables}
    response = await page.request.post("/graphql", data=body, headers={"Authorization": f"Bearer {token}"})
    return (await response.json())["data"]


async def sending_slowly(page: Page, name: str) -> str:
    """Imports three people, of whom two wait for their message; returns the import's id."""
    await upload(page, csv_file(3))
    await page.get_by_label("A number of invitations per hour").check()
    await page.get_by_label("Invitations per hour", exact=True).fill("1")
    await check(page, name)
    await page.get_by_role("button", name="Invite 3 customers").click()
    await reach(page, "Completed")
    found = re.search(r"imp_[0-9a-f]+", page.url)
    assert found
    return found[0]


async def test_import_a_customer_list_with_bulk_import(console: Console) -> None:
    page = await console.sign_in("owner")
    await page.get_by_role("button", name="Bulk Import").click()
    await expect(page.get_by_role("heading", name="Bulk imports")).to_be_focused()
    await page.get_by_role("button", name="Import a list").click()
    file = csv_file(4, "Bad <script>alert(1)</script>;not-an-address", "Nobody;")
    await upload(page, file)
    await expect(page.get_by_text("read as UTF-8, with semicolons between cells")).to_be_visible()
    await expect(page.get_by_label("What “Name” contains")).to_have_value("FULL_NAME")
    await expect(page.get_by_label("What “E-Mail” contains")).to_have_value("EMAIL")
    await expect(page.get_by_text("Ann 0", exact=True)).to_be_visible()
    await check(page)
    await expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(r"\w+ \d{4} – Kornblume Brooklyn"))
    await reach(page, "Checked")
    assert [await figure(page, name) for name in ("Would be invited", "Skipped", "Invalid")] == ["4", "0", "2"]
    await expect(page.get_by_text("The last first message is expected to be sent by")).to_be_visible()
    await expect(page.get_by_text(re.compile(r"4 invitations in the billing cycle .* are left now"))).to_be_visible()
    errors = page.get_by_role("table").get_by_role("row")
    await expect(errors.filter(has_text="Invalid e-mail address")).to_contain_text("not-an-address")
    await expect(errors.filter(has_text="No address")).to_contain_text("6")
    await page.get_by_role("button", name="Invite 4 customers").click()
    await reach(page, "Completed")
    await expect(page.get_by_text("4 of 4 first messages sent")).to_be_visible(timeout=SETTLED)
    await page.get_by_role("main").get_by_role("link", name="Bulk imports").click()
    await page.get_by_role("main").get_by_role("link", name="Customers", exact=True).click()
    address = file["buffer"].decode().splitlines()[1].partition(";")[2]
    await expect(page.get_by_role("row").filter(has_text=address)).to_be_visible()


async def test_the_rows_that_were_not_taken_can_be_downloaded(console: Console) -> None:
    page = await console.sign_in("owner", NEW)
    await upload(page, csv_file(1, "Wrong;not-an-address"))
    await check(page)
    await reach(page, "Checked")
    async with page.expect_download() as started:
        await page.get_by_role("link", name="Download the rows that were not taken").click()
    text = (await (await started.value).path()).read_text("utf-8-sig")
    assert "not-an-address" in text
    assert "INVALID_EMAIL" in text


async def test_a_bad_mapping_is_refused_beside_the_columns(console: Console) -> None:
    page = await console.sign_in("owner", NEW)
    await upload(page, csv_file(2))
    await page.get_by_label("What “E-Mail” contains").select_option("Not imported")
    await check(page)
    columns = page.get_by_role("group", name="What the columns contain")
    await expect(columns.get_by_role("alert")).to_contain_text("Map a column to EMAIL or PHONE")
    first = page.get_by_label("What “Name” contains")
    await expect(first).to_be_focused()
    await expect(first).to_have_attribute("aria-invalid", "true")
    await page.get_by_label("What “E-Mail” contains").select_option("E-mail address")
    await page.get_by_role("button", name="Check the list").click()
    await reach(page, "Checked")


async def test_what_is_refused_is_said_beside_what_it_concerns(console: Console) -> None:
    page = await console.sign_in("owner", NEW)
    await upload(page, csv_file(1))
    await page.get_by_role("button", name="Check the list").click()
    await expect(page.get_by_label("Location")).to_be_focused()
    await expect(page.get_by_text("Choose the location that invites these customers.")).to_be_visible()
    await check(page, name=" ")
    await expect(page.get_by_label("List name")).to_be_focused()
    await expect(page.get_by_text("Give the list a name")).to_be_visible()
    await page.get_by_label("List name").fill("May")
    await page.get_by_label("E-mail", exact=True).uncheck()
    await page.get_by_role("button", name="Check the list").click()
    await expect(page.get_by_role("group", name="Channels").get_by_role("alert")).to_be_visible()
    await page.get_by_label("E-mail", exact=True).check()
    await page.get_by_label("Spread over several days").check()
    await page.get_by_label("Days", exact=True).fill("soon")
    await page.get_by_role("button", name="Check the list").click()
    await expect(page.get_by_role("group", name="Send speed").get_by_role("alert")).to_contain_text("whole number")


async def test_a_column_without_a_name_is_shown_but_cannot_be_chosen(console: Console) -> None:
    page = await console.sign_in("owner", NEW)
    await upload(page, FilePayload(name="list.csv", mimeType="text/csv", buffer=b"E-Mail;\nann@example.org;note\n"))
    unnamed = page.get_by_role("listitem").filter(has_text="Column without a name")
    await expect(unnamed).to_contain_text("note")
    await expect(unnamed.get_by_role("combobox")).to_have_count(0)


async def test_a_list_without_anybody_is_told(console: Console) -> None:
    page = await console.sign_in("owner", NEW)
    await upload(page, FilePayload(name="list.csv", mimeType="text/csv", buffer=b"Name;E-Mail\n"))
    warning = page.get_by_role("alert").filter(has_text="Nobody is in this list.")
    await warning.get_by_role("link", name="Choose another file").click()
    await expect(page.get_by_role("button", name="Choose a file")).to_be_visible()


async def test_rows_that_are_taken_for_a_title_are_told(console: Console) -> None:
    page = await console.sign_in("owner", NEW)
    titled = b"Customers 2026\nName;E-Mail\nAnn;ann@example.org\n"
    await upload(page, FilePayload(name="list.csv", mimeType="text/csv", buffer=titled))
    await expect(page.get_by_role("alert")).to_contain_text("The first row, “Customers 2026”, is taken for a title")
    await expect(page.get_by_label("What “Name” contains")).to_have_value("FULL_NAME")


async def test_choices_are_kept_when_one_goes_back_to_change_them(console: Console) -> None:
    page = await console.sign_in("owner", NEW)
    await upload(page, csv_file(1))
    await page.get_by_label("What “Name” contains").select_option("Last name")
    await check(page, name="Regulars")
    await reach(page, "Checked")
    await page.get_by_role("link", name="Change columns or sending, and check again").click()
    await expect(page.get_by_label("What “Name” contains")).to_have_value("LAST_NAME")
    await expect(page.get_by_label("List name")).to_have_value("Regulars")


async def test_a_file_that_is_no_list_is_refused_in_words(console: Console) -> None:
    page = await console.sign_in("owner", NEW)
    async with page.expect_file_chooser() as chosen:
        await page.get_by_role("button", name="Choose a file").click()
    pdf = FilePayload(name="list.csv", mimeType="text/csv", buffer=b"%PDF-1.4 nothing")
    await (await chosen.value).set_files(pdf)
    await expect(page.get_by_role("alert")).to_contain_text("This is a PDF, not a list")
    await page.get_by_role("link", name="Choose another file").click()
    await expect(page.get_by_role("button", name="Choose a file")).to_be_visible()


async def test_a_dropped_file_that_is_too_large_is_refused_in_words(console: Console) -> None:
    console.expected.append("413")
    page = await console.sign_in("owner", NEW)
    dropped = await page.evaluate_handle("""() => {
      const data = new DataTransfer();
      data.items.add(new File([new Uint8Array(11_000_000)], "list.csv"));
      return data;
    }""")
    await page.locator(".drop").dispatch_event("drop", {"dataTransfer": dropped})
    await expect(page.get_by_role("alert")).to_contain_text("accepts files up to 10 MB")
    await expect(page.get_by_role("button", name="Choose a file")).to_be_focused()


async def test_an_import_goes_on_through_a_reload(console: Console) -> None:
    page = await console.sign_in("owner", NEW)
    await upload(page, csv_file(6_000))
    await check(page)
    await expect(page.locator("p.badge")).to_be_visible()
    await page.reload()
    await reach(page, "Checked")
    await expect(page.get_by_text("6,000 of 6,000 rows")).to_be_visible()


async def test_progress_catches_up_after_a_lost_connection(console: Console) -> None:
    console.expected.append("net::ERR_INTERNET_DISCONNECTED")
    page = await console.sign_in("owner", NEW)
    key = await sending_slowly(page, "Lost and found")
    await page.get_by_role("button", name="Pause").click()
    await reach(page, "Paused")
    await page.context.set_offline(True)
    await expect(page.get_by_text("The connection is lost.")).to_be_visible()
    await ask(page, CANCEL, id=key)
    await expect(state(page, "Paused")).to_be_visible()
    await page.context.set_offline(False)
    await reach(page, "Cancelled")
    await expect(page.get_by_text("The connection is lost.")).to_have_count(0)


async def test_what_others_do_with_an_import_is_seen_live(console: Console) -> None:
    page = await console.sign_in("owner", NEW)
    key = await sending_slowly(page, "Cancelled elsewhere")
    await page.get_by_role("button", name="Pause").click()
    await reach(page, "Paused")
    await ask(page, CANCEL, id=key)
    await expect(state(page, "Cancelled")).to_be_visible(timeout=LIVE)


async def test_an_import_is_paused_resumed_and_cancelled(console: Console) -> None:
    page = await console.sign_in("owner", NEW)
    await sending_slowly(page, "Three <b>people</b> & co.")
    await page.get_by_role("button", name="Pause").click()
    await reach(page, "Paused")
    await page.reload()
    await reach(page, "Paused")
    await page.get_by_role("button", name="Resume").click()
    await reach(page, "Completed")
    await page.get_by_role("button", name="Cancel import").click()
    question = page.get_by_role("alertdialog", name="Cancel the import “Three <b>people</b> & co.”?")
    await question.get_by_role("button", name="Keep it").click()
    await expect(question).to_have_count(0)
    await page.get_by_role("button", name="Cancel import").click()
    await question.get_by_role("button", name="Cancel import").click()
    await reach(page, "Cancelled")
    await expect(page.get_by_role("button", name="Cancel import")).to_have_count(0)


async def test_a_finished_list_is_sent_by_another_channel_if_the_location_has_it(console: Console) -> None:
    page = await console.sign_in("owner", NEW)
    await sending_slowly(page, "By SMS too")
    await page.get_by_role("button", name="Send this list by SMS too").click()
    form = page.locator("form").filter(has_text="Send this list by SMS")
    await form.get_by_role("button", name="Start").click()
    await expect(form.get_by_role("alert")).to_contain_text("no SMS step")
    await form.get_by_role("button", name="Cancel").click()
    await expect(page.get_by_role("button", name="Send this list by SMS too")).to_be_focused()


async def test_name_each_bulk_import_list_clearly(console: Console) -> None:
    page = await console.sign_in("owner", NEW)
    name = f"May 2026 – {uuid7().hex[-8:]}"
    await upload(page, csv_file(1))
    await check(page, name=name)
    await reach(page, "Checked")
    await page.get_by_role("main").get_by_role("link", name="Bulk imports").click()
    await page.get_by_role("searchbox").fill(name)
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=name))
    await expect(row).to_contain_text("Kornblume Brooklyn")
    await expect(row).to_contain_text("Olivia Brandt")
    await expect(page.get_by_role("row")).to_have_count(2)
    await row.get_by_role("link", name=name).click()
    await reach(page, "Checked")
    await page.get_by_role("button", name="Invite 1 customer").click()
    await page.get_by_role("link", name="Show the customers of this list").click()
    await expect(page.get_by_role("columnheader", name="First Name")).to_be_visible()
    await expect(page.get_by_role("row")).to_have_count(2)


async def test_a_client_of_an_agency_sees_what_a_list_needs_but_no_allowance(console: Console) -> None:
    page = await console.sign_in("client-owner", NEW)
    await upload(page, csv_file(2))
    await page.get_by_role("button", name="Check the list").click()
    await reach(page, "Checked")
    await expect(page.get_by_text(re.compile(r"^2 invitations in the billing cycle until [^,]*\.$"))).to_be_visible()


async def test_viewer_role_cannot_access_this_feature(console: Console) -> None:
    page = await console.sign_in("viewer")
    button = page.get_by_role("button", name="Bulk Import")
    await expect(button).to_be_disabled()
    await expect(button).to_have_accessible_description("This requires the role Owner, Admin or Manager.")
    await page.goto(NEW)
    await expect(page.get_by_text("This requires the role Owner, Admin or Manager.")).to_be_visible()
    await expect(page.get_by_role("alert")).to_have_count(0)


@pytest.mark.parametrize("persona", ["free-owner", "trial-owner"])
async def test_you_cannot_use_bulk_import_on_free_or_free_trial_plans(console: Console, persona: str) -> None:
    page = await console.sign_in(persona)
    await expect(page.get_by_role("button", name="Bulk Import")).to_be_disabled()
    reason = page.get_by_text("This requires the plan Starter, Professional or Enterprise.")
    await expect(reason).to_be_visible()
    await page.goto("/?view=imports")
    await expect(reason).to_be_visible()
    await expect(page.get_by_role("button", name="Import a list")).to_have_count(0)


async def test_the_way_to_an_import_needs_only_the_keyboard(console: Console) -> None:
    page = await console.sign_in("owner")
    await tab_to(page, page.get_by_role("button", name="Bulk Import"))
    await page.keyboard.press("Enter")
    await tab_to(page, page.get_by_role("button", name="Import a list"))
    await page.keyboard.press("Enter")
    await tab_to(page, page.get_by_role("button", name="Choose a file"))
    async with page.expect_file_chooser() as chosen:
        await page.keyboard.press("Enter")
    await (await chosen.value).set_files(csv_file(2))
    await expect(page.get_by_role("heading", name="Import a list")).to_be_focused()
    await tab_to(page, page.get_by_label("Location"))
    await page.keyboard.type("Kornblume Mitte")
    await tab_to(page, page.get_by_role("button", name="Check the list"))
    await page.keyboard.press("Enter")
    await reach(page, "Checked")
    await tab_to(page, page.get_by_role("button", name="Invite 2 customers"))
    await page.keyboard.press("Enter")
    await reach(page, "Completed")
    await expect(page.get_by_role("region", name="Actions")).to_be_focused()


KEEPS_FOCUS = """element => new Promise((answer) => requestAnimationFrame(() => requestAnimationFrame(
  () => answer(element === document.activeElement))))"""
"""Whether the focus stays where it is when a page that has just come has moved it to its own beginning."""


async def tab_to(page: Page, target: Locator) -> None:
    """Presses Tab until this has the focus."""
    await target.wait_for()
    for _ in range(60):
        if await target.evaluate("element => element === document.activeElement") and await target.evaluate(
            KEEPS_FOCUS
        ):
            return
        await page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not reach {target}")


async def test_the_import_speaks_german_too(browser: Browser, address: str) -> None:
    async with Console.opened(browser, address, locale="de-DE") as console:
        await console.page.goto("/?as=viewer")
        button = console.page.get_by_role("button", name="Liste importieren")
        await expect(button).to_be_disabled()
        reason = "Dafür ist die Rolle Inhaber, Administrator oder Manager nötig."
        await expect(button).to_have_accessible_description(reason)
