"""Inviting one customer in a browser."""

import re
from collections.abc import Mapping
from uuid import uuid4

import pytest
from playwright.async_api import Browser, Locator, Page, Route, expect

from tests.console.looking import Console

MITTE = "Kornblume Mitte"


async def opened(page: Page) -> Locator:
    await page.get_by_role("button", name="Invite a customer").click()
    dialog = page.get_by_role("dialog", name="Invite a customer")
    await expect(dialog).to_be_visible()
    return dialog


async def choose_location(page: Page, dialog: Locator, name: str = MITTE) -> None:
    await dialog.get_by_role("button", name="Location").click()
    await page.get_by_role("listbox").get_by_role("option", name=name).click()


async def fill(dialog: Locator, **fields: str) -> None:
    labels = {"first": "First name", "last": "Last name", "email": "E-mail address", "phone": "Phone number"}
    for name, value in fields.items():
        await dialog.get_by_label(labels.get(name, name.capitalize())).fill(value)


async def send(dialog: Locator) -> None:
    await dialog.get_by_role("button", name="Invite", exact=True).click()


def new_address() -> str:
    return f"{uuid4().hex}@example.com"


async def test_invite_a_customer(console: Console) -> None:
    page = await console.sign_in("owner")
    dialog, email = await opened(page), new_address()
    await choose_location(page, dialog)
    await fill(dialog, first="Ann", last="<script>alert(1)</script>", email=email, employee="Jana", service="Breakfast")
    await send(dialog)
    await expect(dialog).to_have_count(0)
    await expect(
        page.get_by_role("status").filter(has_text="Ann <script>alert(1)</script> is invited.")
    ).to_be_visible()
    await expect(page.get_by_role("button", name="Invite a customer")).to_be_focused()
    await expect(page.get_by_role("row").filter(has_text=email)).to_contain_text("Manual entry")
    await page.get_by_role("button", name="Show activity").click()
    panel = page.get_by_role("dialog", name="Customer profile")
    await expect(panel).to_contain_text("Jana")
    await expect(panel).to_contain_text("Breakfast")


async def test_what_is_to_correct_stands_beside_its_field(console: Console) -> None:
    page = await console.sign_in("owner")
    dialog = await opened(page)
    await fill(dialog, first="Ben", email="ben@")
    await send(dialog)
    location = dialog.get_by_role("button", name="Location")
    await expect(dialog.get_by_text("Choose the location that invites.")).to_be_visible()
    await expect(location).to_be_focused()
    await choose_location(page, dialog)
    await send(dialog)
    email = dialog.get_by_label("E-mail address")
    await expect(email).to_have_attribute("aria-invalid", "true")
    await expect(email).to_have_accessible_description(re.compile(r"\w+"))
    await expect(email).to_be_focused()
    await expect(dialog.get_by_label("First name")).to_have_value("Ben")
    await email.fill(new_address())
    await fill(dialog, phone="12")
    await send(dialog)
    await expect(dialog.get_by_label("Phone number")).to_have_attribute("aria-invalid", "true")
    await expect(email).not_to_have_attribute("aria-invalid", "true")
    await fill(dialog, phone="")
    await send(dialog)
    await expect(page.get_by_role("status").filter(has_text="Ben is invited.")).to_be_visible()


async def test_no_channel_is_refused_beside_the_channels(console: Console) -> None:
    page = await console.sign_in("owner")
    dialog = await opened(page)
    await choose_location(page, dialog)
    await fill(dialog, email=new_address())
    channels = dialog.get_by_role("group", name="Send by")
    await channels.get_by_text("E-mail", exact=True).click()
    await send(dialog)
    await expect(channels).to_contain_text("Name at least one channel.")


async def test_a_lost_answer_invites_once(console: Console) -> None:
    console.expected.append("ERR_FAILED")
    page = await console.sign_in("owner")
    dialog, email, sent = await opened(page), new_address(), list[Mapping[str, object]]()
    await choose_location(page, dialog)
    await fill(dialog, email=email)

    async def lose_the_first_answer(route: Route) -> None:
        body = route.request.post_data_json or {}
        if "InviteCustomer" in body["query"]:
            sent.append(body["variables"]["input"])
            if len(sent) == 1:
                await route.fetch()
                await route.abort()
                return
        await route.continue_()

    await page.route("**/graphql", lose_the_first_answer)
    await send(dialog)
    await expect(dialog.get_by_role("alert")).to_contain_text("The server cannot be reached.")
    await send(dialog)
    await expect(page.get_by_role("status").filter(has_text=f"{email} is invited.")).to_be_visible()
    assert sent[0] == sent[1]
    await expect(page.get_by_role("row").filter(has_text=email)).to_have_count(1)


async def test_escape_closes_the_dialog_and_gives_the_focus_back(console: Console) -> None:
    page = await console.sign_in("manager")
    dialog = await opened(page)
    await expect(dialog.get_by_label("First name")).to_be_focused()  # a manager of one location has no choice
    await page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)
    await expect(page.get_by_role("button", name="Invite a customer")).to_be_focused()


async def test_the_location_of_the_page_is_that_of_the_invitation(console: Console) -> None:
    page = await console.sign_in("owner")
    await page.get_by_role("combobox", name="Location").select_option("Kornblume Altona")
    await expect(page).to_have_url(re.compile("location=loc_"))
    dialog = await opened(page)
    await expect(dialog.get_by_role("button", name="Location")).to_contain_text("Kornblume Altona")


async def test_a_viewer_reads_why_they_cannot_invite(console: Console) -> None:
    page = await console.sign_in("viewer")
    button = page.get_by_role("button", name="Invite a customer")
    await expect(button).to_be_disabled()
    await expect(button).to_have_accessible_description("This requires the role Owner, Admin or Manager.")


async def test_the_dialog_speaks_german(browser: Browser, console: Console) -> None:
    async with Console.opened(browser, console.address, locale="de-DE") as german:
        await german.page.goto("/?as=owner")
        await german.page.get_by_role("button", name="Kunden einladen").click()
        await expect(german.page.get_by_role("dialog", name="Kunden einladen").get_by_label("Vorname")).to_be_visible()


async def test_what_the_server_says_is_led_in_german_and_marked_as_english(browser: Browser, console: Console) -> None:
    async with Console.opened(browser, console.address, locale="de-DE") as german:
        await german.page.goto("/?as=manager")
        await german.page.get_by_role("button", name="Kunden einladen").click()
        dialog = german.page.get_by_role("dialog", name="Kunden einladen")
        await dialog.get_by_label("E-Mail-Adresse").fill("ben@")
        await dialog.get_by_role("button", name="Einladen", exact=True).click()
        await expect(dialog.get_by_text("Das ist keine gültige E-Mail-Adresse.")).to_be_visible()
        await expect(dialog.locator("[lang=en]")).to_contain_text("ann@example.com")


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7*7 }}", "محمد العربي"]
)
async def test_names_are_shown_as_they_are_written(console: Console, name: str) -> None:
    page = await console.sign_in("owner")
    dialog = await opened(page)
    await choose_location(page, dialog)
    email = new_address()
    await fill(dialog, first=name, email=email)
    await send(dialog)
    await expect(dialog).to_have_count(0)
    row = page.get_by_role("row").filter(has_text=email)
    await expect(row.get_by_role("cell").nth(2)).to_have_text(name)
    await row.get_by_role("button", name="Activity of").click()
    await expect(page.get_by_role("dialog").get_by_role("heading", level=2).first).to_have_text(name)
