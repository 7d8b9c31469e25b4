"""What happens elsewhere while a page is open: others are faster, and sessions end. The gateway is the tests' own."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from uuid import UUID

import pytest
from playwright.async_api import Browser, Page, Response, expect

import models
from models.clock import clock
from models.commands import answers
from models.commands.stop import restart, stop
from models.connection import WORK, transaction
from models.rules.enums import Role, StopReason
from plaudit import sessions
from tests import factories as make
from tests.console.looking import Console
from tests.console.test_sign_in import ADMIN, Own, ask_for_link, is_signed_in, link_in_mailbox, running
from tests.plaudit.provider import Provider

ENDED = "Your session has ended. Sign in again."
SHORT = timedelta(seconds=4)


@pytest.fixture
async def own(db: str) -> AsyncIterator[Own]:
    async with running(db, Provider()) as one:
        yield one


@pytest.fixture
async def tab(browser: Browser, own: Own) -> AsyncIterator[Console]:
    async with Console.opened(browser, own.address) as opened:
        yield opened


async def member() -> tuple[models.User, UUID]:
    """A member, and an invitation in their account."""
    account = await make.account()
    user = await make.member(account)
    return user, await make.invited(await make.location(account))


async def opened(tab: Console, own: Own) -> tuple[models.User, UUID]:
    """A tab with the table of one customer; its member, and the invitation."""
    user, invitation = await member()
    await tab.page.goto(await own.link(user))
    await expect(tab.page.get_by_role("table")).to_be_visible()
    return user, invitation


async def stop_elsewhere(invitation: UUID) -> None:
    async with transaction(WORK) as tx:
        await stop(tx, invitation, StopReason.OTHER, make.MEMBER, clock.now())


async def restart_elsewhere(invitation: UUID) -> None:
    async with transaction(WORK) as tx:
        await restart(tx, invitation, make.MEMBER, clock.now())


async def opt_out(invitation: UUID) -> None:
    message = await make.sent(invitation)
    async with transaction(WORK) as tx:
        await answers.unsubscribe(tx, message, clock.now())


def is_stream(response: Response) -> bool:
    return "text/event-stream" in response.headers.get("content-type", "")


async def open_timeline(page: Page) -> None:
    async with page.expect_response(is_stream):
        await page.get_by_role("button", name="Activity of").first.click()


PRESS = "one => one.click()"
"""At once: a mouse that comes into the window first is a look at the tab, which ends the session by itself."""


async def search(page: Page) -> None:
    await page.get_by_role("searchbox").fill("somebody")


async def go_to_funnel(page: Page) -> None:
    await page.get_by_role("link", name="Funnel").evaluate(PRESS)


async def go_to_imports(page: Page) -> None:
    await page.get_by_role("button", name="Bulk Import").evaluate(PRESS)


async def test_a_stop_that_comes_too_late_is_taken_back_and_shows_what_is_true(tab: Console, own: Own) -> None:
    page, (_, invitation) = tab.page, await opened(tab, own)
    await page.get_by_role("button", name="Stop the invitation of").click()
    await opt_out(invitation)
    await page.get_by_role("button", name="Stop invitation").click()
    row = page.get_by_role("row").last
    await expect(row.get_by_role("alert")).to_have_text("This invitation has ended, so there is nothing to stop.")
    await expect(row.get_by_role("button", name="Stop")).to_be_disabled()
    await expect(row.get_by_role("group")).to_be_focused()


async def test_a_restart_that_comes_too_late_shows_what_is_true(tab: Console, own: Own) -> None:
    page, (_, invitation) = tab.page, await opened(tab, own)
    await stop_elsewhere(invitation)
    await page.reload()
    await page.get_by_role("button", name="Restart the invitation of").click()
    await restart_elsewhere(invitation)
    await page.get_by_role("button", name="Restart invitation").click()
    await expect(page.get_by_role("alert")).to_contain_text("This invitation is not stopped")
    await expect(page.get_by_role("button", name="Stop the invitation of")).to_be_focused()


async def test_a_row_that_no_longer_matches_the_filters_stays_with_what_is_told(tab: Console, own: Own) -> None:
    page, (_, invitation) = tab.page, await opened(tab, own)
    await make.sent(invitation)
    await page.goto("/?state=ACTIVE")
    await page.get_by_role("button", name="Stop the invitation of").click()
    await opt_out(invitation)
    await page.get_by_role("button", name="Stop invitation").click()
    await expect(page.get_by_role("alert")).to_contain_text("This invitation has ended")


async def test_whoever_may_do_less_meanwhile_reads_why(tab: Console, own: Own) -> None:
    page, (user, _) = tab.page, await opened(tab, own)
    await page.get_by_role("button", name="Stop the invitation of").click()
    await models.Membership.filter(user_id=user.id).update(role=Role.VIEWER)
    await page.get_by_role("button", name="Stop invitation").click()
    await expect(page.get_by_role("row").last.get_by_role("alert")).to_contain_text("Owner")
    await expect(page.get_by_role("button", name="Stop the invitation of")).to_be_disabled()


@pytest.mark.parametrize("act", [search, go_to_funnel, go_to_imports])
async def test_whoever_is_removed_meanwhile_is_told_at_the_next_step(
    tab: Console, own: Own, act: Callable[[Page], Awaitable[None]]
) -> None:
    user, _ = await opened(tab, own)
    await tab.page.wait_for_load_state("networkidle")
    await models.Membership.filter(user_id=user.id).delete()
    await act(tab.page)
    await expect(tab.page.get_by_role("status").filter(has_text=ENDED)).to_be_focused()


async def test_a_stream_whose_token_expires_ends_the_session_in_words(
    tab: Console, own: Own, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "TOKEN_LIFETIME", SHORT)
    await opened(tab, own)
    await open_timeline(tab.page)
    address = tab.page.url
    await expect(tab.page.get_by_role("status").filter(has_text=ENDED)).to_be_focused()
    assert tab.page.url == address


async def test_a_stream_goes_on_with_the_renewed_token(tab: Console, own: Own, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tab.page
    monkeypatch.setattr(sessions, "TOKEN_LIFETIME", SHORT)
    _, invitation = await opened(tab, own)
    await open_timeline(page)
    monkeypatch.undo()
    async with page.expect_response(is_stream):  # the one with the renewed token
        await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    await stop_elsewhere(invitation)
    await expect(page.locator(".timeline li").filter(has_text="Stopped")).to_be_visible()


async def test_a_stream_that_is_refused_when_it_comes_back_ends_the_session(tab: Console, own: Own) -> None:
    tab.expected += ["ERR_INTERNET_DISCONNECTED", "401"]
    page, (user, _) = tab.page, await opened(tab, own)
    await open_timeline(page)
    await page.context.set_offline(True)
    await expect(page.get_by_role("dialog").get_by_text("The connection is lost.")).to_be_visible()
    await models.Membership.filter(user_id=user.id).delete()
    await models.User.filter(id=user.id).delete()
    await page.context.set_offline(False)
    await expect(page.get_by_role("status").filter(has_text=ENDED)).to_be_focused()


async def test_after_a_session_has_ended_one_signs_in_to_the_same_address(console: Console) -> None:
    page = await console.sign_in("viewer", "/?search=ann&order=LAST_NAME.ASC")
    await expect(page.locator("mark").first).to_be_visible()
    console.expected.append("401")
    await page.evaluate(
        """() => sessionStorage.setItem("plaudit.session",
             JSON.stringify({ ...JSON.parse(sessionStorage.getItem("plaudit.session")), token: "over" }))"""
    )
    await page.reload()
    await expect(page.get_by_text(ENDED)).to_be_visible()
    await page.get_by_role("button", name="Viktor Schäfer").click()
    await expect(page.locator("mark").first).to_be_visible()
    await expect(page).to_have_url(f"{console.address}/?search=ann&order=LAST_NAME.ASC")


async def test_a_link_by_mail_leads_back_to_where_it_was_asked_for(console: Console) -> None:
    page = console.page
    await page.goto("/?view=funnel")
    await ask_for_link(page, ADMIN)
    tab = await page.context.new_page()
    await tab.goto(await link_in_mailbox(page, ADMIN))
    await expect(tab.get_by_role("heading", name="Invitation funnel")).to_be_visible()


async def test_links_that_two_tabs_asked_for_both_work(console: Console) -> None:
    page = console.page
    emails = ["marta@kornblume.example", "viktor@kornblume.example"]
    for email in emails:
        await page.goto("/")
        await ask_for_link(page, email)
    for email in emails:
        tab = await page.context.new_page()
        await tab.goto(await link_in_mailbox(page, email))
        await is_signed_in(tab)
