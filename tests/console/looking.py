"""A browser's tab on the console, which fails the test for whatever the browser complains about."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Browser, ConsoleMessage, Page, Request

SECONDS = 15


@dataclass
class Console:
    """`complaints`: errors and warnings of the browser, and requests to other hosts. `expected`: parts of those that the test
    provokes."""

    page: Page
    address: str
    complaints: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    @classmethod
    @asynccontextmanager
    async def opened(cls, browser: Browser, address: str, **options: Any) -> AsyncIterator["Console"]:
        context = await browser.new_context(base_url=address, locale=options.pop("locale", "en-GB"), **options)
        context.set_default_timeout(SECONDS * 1000)
        console = cls(await context.new_page(), address)
        console._listen(console.page)
        try:
            yield console
        finally:
            await context.close()
        unexpected = [one for one in console.complaints if not any(part in one for part in console.expected)]
        assert unexpected == []

    def _listen(self, page: Page) -> None:
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._asked)

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def _asked(self, request: Request) -> None:
        if urlsplit(request.url).netloc not in (urlsplit(self.address).netloc, "") and not request.url.startswith(
            "data:"
        ):
            self.complaints.append(f"asked another host: {request.url}")

    async def sign_in(self, persona: str, path: str = "/", page: Page | None = None) -> Page:
        """Opens a page as this persona, in the first tab unless another one is given."""
        tab = page or self.page
        await tab.goto(f"{path}{'&' if '?' in path else '?'}as={persona}")
        await tab.get_by_role("button", name="Sign out").wait_for()
        return tab

    async def another_tab(self) -> Page:
        """One more tab of the same browser, in front."""
        page = await self.page.context.new_page()
        self._listen(page)
        for one in self.page.context.pages:  # Playwright lets every tab believe that it is in front
            session = await page.context.new_cdp_session(one)
            await session.send("Emulation.setFocusEmulationEnabled", {"enabled": False})
        await page.bring_to_front()
        return page
