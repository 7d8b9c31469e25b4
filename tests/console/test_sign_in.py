"""Signing in to the console in a browser: by mail, with a link from the command line, and with an OpenID Connect provider."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

import models
from delivery.sign_in_links import SignInLinks
from models.clock import clock
from models.commands import sign_in_links
from models.commands.sign_in_links import NewLink
from models.connection import WORK, execute, pool
from plaudit.app import create_app
from tests import factories as make
from tests.console.looking import SECONDS, Console
from tests.gateway import SECRET, serving, settings, wait_until_ready
from tests.plaudit.provider import CLIENT, CLIENT_SECRET, Provider
from tests.plaudit.test_demo import free_port

OWNER, ADMIN = "olivia@kornblume.example", "adnan@kornblume.example"
_read: set[str] = set()
"""Links that a test has taken out of the demo's mailbox, which tests share."""


async def ask_for_link(page: Page, email: str) -> None:
    await page.get_by_label("E-mail address").fill(email)
    await page.keyboard.press("Enter")
    await expect(page.get_by_text(f"If {email} is a member’s address, a sign-in link is on its way.")).to_be_visible()
    await expect(page.get_by_text("in no other browser, even if it is forwarded")).to_be_visible()


async def link_in_mailbox(page: Page, email: str) -> str:
    """The link in the newest mail to this address in the demo's mailbox, once there is one that no test has read."""
    for _ in range(SECONDS * 10):
        inbox = await (await page.request.get(f"/mailbox?to={email}")).text()
        if found := re.search(r'href="(/mailbox/\d+)"', inbox):
            mail = await (await page.request.get(found[1])).text()
            link = re.search(r'href="(http://[^"]+/#sign-in=[^"]+)"', mail)
            if link and link[1] not in _read:
                _read.add(link[1])
                return link[1]
        await page.wait_for_timeout(100)
    raise AssertionError(f"no mail to {email}")


async def is_signed_in(page: Page) -> None:
    await page.get_by_role("button", name="Sign out").wait_for()
    assert "#" not in page.url
    assert await page.context.cookies() == []


async def test_a_member_signs_in_with_a_link_by_mail(console: Console) -> None:
    page = console.page
    await page.goto("/")
    await ask_for_link(page, OWNER)
    await expect(page.get_by_role("status").filter(has_text="on its way")).to_be_focused()
    link = await link_in_mailbox(page, OWNER)
    opened = await page.context.new_page()
    await opened.goto(link)
    await is_signed_in(opened)
    await expect(page.get_by_role("button", name="Sign out")).to_have_count(0)


async def test_a_forwarded_link_says_where_it_works(console: Console, browser: Browser, address: str) -> None:
    page = console.page
    await page.goto("/")
    await ask_for_link(page, ADMIN)
    link = await link_in_mailbox(page, ADMIN)
    async with Console.opened(browser, address) as other:
        other.expected.append("403")
        await other.page.goto(link)
        sentence = "This link works only in the browser in which it was asked for."
        await expect(other.page.get_by_role("alert").filter(has_text=sentence)).to_be_visible()
        await expect(other.page).to_have_url(f"{address}/")


async def test_a_stranger_reads_the_same_words(console: Console) -> None:
    await console.page.goto("/")
    await ask_for_link(console.page, "nobody@example.com")
    await console.page.get_by_role("button", name="Use another address").click()
    await expect(console.page.get_by_label("E-mail address")).to_be_visible()


async def test_what_is_no_address_is_said_beside_the_field(console: Console) -> None:
    console.expected.append("400")
    page = console.page
    await page.goto("/")
    await page.get_by_label("E-mail address").fill("ann@example")
    await page.get_by_role("button", name="Send sign-in link").click()
    await expect(page.get_by_text("This is not an e-mail address.")).to_be_visible()


@pytest.mark.parametrize("locale", ["en-GB", "de-DE"])
async def test_the_page_fits_a_narrow_screen(browser: Browser, address: str, locale: str) -> None:
    async with Console.opened(browser, address, viewport={"width": 320, "height": 640}, locale=locale) as narrow:
        await narrow.page.goto("/")
        await narrow.page.get_by_role("textbox").wait_for()
        assert await narrow.page.evaluate("document.documentElement.scrollWidth") == 320


# A gateway of one's own


@dataclass
class Own:
    """A gateway that is no demo."""

    address: str
    provider: Provider

    async def link(self, user: models.User) -> str:
        """As `plaudit login` prints it."""
        links = SignInLinks(self.address, (SECRET,))
        given = links.new_token()
        await sign_in_links.create(pool(WORK), NewLink(links.token_hash(given), user.id), clock.now())
        return links.address(given)


@asynccontextmanager
async def running(db: str, provider: Provider, **given: Any) -> AsyncIterator[Own]:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    async with serving(create_app(settings(db, base_url=address, **given)), port) as api:
        await wait_until_ready(api.client)
        yield Own(address, provider)


@pytest.fixture
async def own(db: str) -> AsyncIterator[Own]:
    async with Provider({"sub": make.unique("sub")}).running() as provider:
        given = {"oidc_issuer": provider.issuer, "oidc_client_id": CLIENT, "oidc_client_secret": CLIENT_SECRET}
        async with running(db, provider, oidc_name="Example ID", **given) as one:
            yield one


@pytest.fixture
async def tab(browser: Browser, own: Own) -> AsyncIterator[Console]:
    async with Console.opened(browser, own.address) as opened:
        opened.expected.append(f"asked another host: {own.provider.issuer}/authorize")
        yield opened


async def member() -> models.User:
    account = await make.account()
    await make.location(account)
    return await make.member(account)


async def test_a_link_of_the_command_line_works_once(tab: Console, own: Own) -> None:
    link = await own.link(await member())
    await tab.page.goto(link)
    await is_signed_in(tab.page)
    await tab.page.reload()
    await is_signed_in(tab.page)
    tab.expected.append("410")
    await tab.page.get_by_role("button", name="Sign out").click()
    await tab.page.goto(link)
    await expect(tab.page.get_by_text("This link has been used or is no longer valid.")).to_be_visible()


async def test_a_session_ends_with_the_membership(tab: Console, own: Own) -> None:
    user = await member()
    await tab.page.goto(await own.link(user))
    await is_signed_in(tab.page)
    await models.Membership.filter(user_id=user.id).delete()
    await tab.page.reload()
    await expect(tab.page.get_by_text("Your session has ended. Sign in again.")).to_be_visible()


async def test_a_token_is_renewed_while_the_tab_is_used_until_the_membership_ends(tab: Console, own: Own) -> None:
    user, page = await member(), tab.page
    await page.clock.install()
    await page.goto(await own.link(user))
    await is_signed_in(page)
    async with page.expect_response("**/sign-in/renew") as renewed:
        await page.clock.fast_forward("55:00")
    assert (await renewed.value).status == 200
    await is_signed_in(page)
    tab.expected.append("401")
    await models.Membership.filter(user_id=user.id).delete()
    await page.clock.fast_forward("55:00")
    await expect(page.get_by_text("Your session has ended. Sign in again.")).to_be_visible()


async def test_a_member_signs_in_with_the_provider_and_is_back_where_they_were(tab: Console, own: Own) -> None:
    user = await member()
    subject = own.provider.user["sub"]
    names = "update app_user set issuer = $2, subject = $3 where id = $1"
    await execute(pool(WORK), names, user.id, own.provider.issuer, subject)
    await tab.page.goto("/?search=anna")
    await tab.page.get_by_role("button", name="Sign in with Example ID").click()
    await is_signed_in(tab.page)
    await expect(tab.page).to_have_url(f"{own.address}/?search=anna")
    await expect(tab.page.get_by_text(user.name)).to_be_visible()


async def test_whoever_is_no_member_is_told_so(tab: Console) -> None:
    tab.expected.append("403")
    await tab.page.goto("/")
    await tab.page.get_by_role("button", name="Sign in with Example ID").click()
    await expect(tab.page.get_by_text("Nobody with this sign-in is a member here.")).to_be_visible()
    await expect(tab.page.get_by_role("button", name="Sign in with Example ID")).to_be_enabled()


@pytest.mark.parametrize("query", ["error=access_denied&state=x", "code=stolen&state=stolen"])
async def test_a_return_that_this_tab_did_not_begin_signs_nobody_in(tab: Console, query: str) -> None:
    await tab.page.goto(f"/sign-in/return?{query}")
    await expect(tab.page.get_by_text("The sign-in was cancelled or did not succeed.")).to_be_visible()
    assert query not in tab.page.url


async def test_a_provider_that_is_down_is_named_so(tab: Console, own: Own) -> None:
    tab.expected.append("502")
    own.provider.answers = {"/.well-known/openid-configuration": 500}
    await tab.page.goto("/")
    await tab.page.get_by_role("button", name="Sign in with Example ID").click()
    await expect(tab.page.get_by_text("The sign-in service cannot be reached.")).to_be_visible()


async def test_nothing_offered_says_whom_to_ask(browser: Browser, db: str) -> None:
    async with running(db, Provider()) as bare, Console.opened(browser, bare.address) as one:
        await one.page.goto("/")
        await expect(one.page.get_by_text("Ask the administrator of this installation")).to_be_visible()
