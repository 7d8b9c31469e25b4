"""How fast the console answers, in a real browser: from a key in the search box to the painted table, and from opening the address
to the first rows. The page takes the times itself (`console_in_page.js`)."""

import argparse
import asyncio
import json
import random
import re
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import asyncpg
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

import models
from benchmarks.harness import fresh_database, gateways, print_table
from benchmarks.importing import FIRST, LAST, OTHERS, OWN, prepared
from models.clock import clock
from tests import factories as make
from tests.console.conftest import CHROMIUM, QUIET
from tests.gateway import token
from tests.plaudit.test_demo import running

IN_PAGE = Path(__file__).with_name("console_in_page.js")
TYPISTS = {"120 to 200 ms": (0.12, 0.2), "60 to 80 ms": (0.06, 0.08)}
"""The pauses between two keys, in seconds."""
SHORTEST_SEARCH = 3
Opening = Callable[[], AbstractAsyncContextManager[BrowserContext]]


@dataclass(frozen=True)
class Key:
    """A key that was answered, in milliseconds: until the table showed it, and what of that was its request."""

    took: float
    asked: float
    is_last: bool


def words(own: int, dice: random.Random) -> list[str]:
    """Common, rare and absent names, parts of addresses, and digits of phone numbers; no two begin alike."""
    number = dice.randrange(own)
    first, last = dice.sample([name for name in (*FIRST, *LAST) if name.isascii()], 2)
    return [
        f"{first.lower()}",
        f"{last.lower()}{number % 977}",
        f"{dice.choice(['zwetschke', 'quistorp', 'xylander'])}",
        f"person{number}@",
        f"@mail{number % 89}.exa",
        f"{1_000_000 + number}",
        f"+49301{number % 1000:03}",
    ]


async def fill_in(page: Page, word: str, pauses: tuple[float, float], dice: random.Random) -> None:
    """Types a word, waits for the answer to it, and clears the box."""
    for letter in word:
        await page.keyboard.press(letter)
        await asyncio.sleep(dice.uniform(*pauses))
    await page.evaluate("word => until(() => noted.keys.findLast(key => key.term === word).painted)", word)
    await asyncio.sleep(pauses[1])
    await page.keyboard.press("Escape")
    await page.evaluate("until(() => !location.search && document.querySelector('main').ariaBusy === 'false')")


def keys_of(noted: dict[str, Any], last: set[str]) -> tuple[list[Key], int]:
    """The keys that were answered, and how many were overtaken by a later one before."""
    found, overtaken = [], 0
    for key in noted["keys"]:
        if len("".join(filter(str.isalnum, key["term"]))) < SHORTEST_SEARCH:
            continue
        if key["rows"] is None:
            overtaken += 1
            continue
        assert all(part in row for row in key["rows"] for part in re.findall(r"\w+", key["term"])), key
        began, ended = max(one for one in noted["requests"] if key["down"] <= one[0] and one[1] <= key["painted"])
        found.append(Key(key["painted"] - key["down"], ended - began, key["term"] in last))
    return found, overtaken


@asynccontextmanager
async def signed_in(browser: Browser, address: str, who: models.User) -> AsyncIterator[BrowserContext]:
    """A browser without a cache, with the session that the console would have stored."""
    lifetime = timedelta(hours=1)
    session = {
        "token": token(who, lifetime=lifetime),
        "expiresAt": (clock.now() + lifetime).isoformat(),
        "name": who.name,
        "began": 0,
    }
    context = await browser.new_context(base_url=address, locale="en-GB")
    await context.add_init_script(f"sessionStorage.setItem('plaudit.session', {json.dumps(json.dumps(session))})")
    await context.add_init_script(path=IN_PAGE)
    try:
        yield context
    finally:
        await context.close()


async def first_rows(page: Page, path: str = "/") -> float:
    """Opens an address; the milliseconds until rows are painted."""
    await page.goto(path)
    return float(await page.evaluate("until(() => noted.firstRows)"))


async def typed(
    context: BrowserContext, typed_words: list[str], pauses: tuple[float, float], dice: random.Random
) -> Any:
    """Types these words into a page of its own; what that page has noted."""
    page = await context.new_page()
    await first_rows(page)
    await page.get_by_role("searchbox").focus()
    for word in typed_words:
        await fill_in(page, word, pauses, dice)
    return await page.evaluate("noted")


def figures(times: Sequence[float]) -> list[object]:
    cuts = quantiles(times, n=100)
    return [len(times), median(times), cuts[94], cuts[98]]


async def typing(open_context: Opening, own: int, rounds: int) -> None:
    rows = []
    for name, pauses in TYPISTS.items():
        keys: list[Key] = []
        overtaken, dice = 0, random.Random(1)
        for _ in range(rounds):
            chosen = words(own, dice)
            async with open_context() as context:
                found, more = keys_of(await typed(context, chosen, pauses, dice), set(chosen))
            keys, overtaken = keys + found, overtaken + more
        rows += lines(name, keys, overtaken)
    columns = ("pauses", "keys", "number", "median, ms", "95th percentile", "99th percentile", "request, median")
    print_table("From a key to the painted table", columns, rows)


def lines(name: str, keys: list[Key], overtaken: int) -> list[list[object]]:
    """The lines of the table about a typist."""
    kinds = {"answered": keys, "last of a word": [key for key in keys if key.is_last]}
    rows = [
        [name, kind, *figures([key.took for key in some]), median(key.asked for key in some)]
        for kind, some in kinds.items()
    ]
    return [*rows, [name, "overtaken", overtaken, *["–"] * 4]]


async def opening(open_context: Opening, path: str, rounds: int) -> list[list[object]]:
    """The first rows without and with the files in the browser's cache."""
    cold, warm = [], []
    for _ in range(rounds):
        async with open_context() as context:
            page = await context.new_page()
            cold.append(await first_rows(page, path))
            warm += [await first_rows(page) for _ in range(2)]
    return [[name, *figures(times)] for name, times in (("cold cache", cold), ("warm cache", warm))]


async def large_account(browser: Browser, others: int, own: int, rounds: int) -> list[list[object]]:
    """Measures an account with `own` customers beside one with `others`."""
    async with fresh_database() as url:
        db = await asyncpg.connect(url)
        location = await prepared(db, others, own)
        await db.close()
        who = await make.member(await models.Account.get(id=location.account_id))
        async with gateways(url, {"gateway": {}}) as gateway:
            address = str(gateway["gateway"].base_url)
            await typing(lambda: signed_in(browser, address, who), own, rounds)
            rows = await opening(lambda: signed_in(browser, address, who), "/", 3 * rounds)
            return [[f"{own:,} customers", *row] for row in rows]


async def demo_data(browser: Browser, rounds: int) -> list[list[object]]:
    """Measures the demo, which first signs in whoever opens it."""

    @asynccontextmanager
    async def fresh() -> AsyncIterator[BrowserContext]:
        context = await browser.new_context(base_url=f"http://127.0.0.1:{demo.port}", locale="en-GB")
        await context.add_init_script(path=IN_PAGE)
        yield context
        await context.close()

    with tempfile.TemporaryDirectory() as folder:
        async with running(Path(folder) / "demo") as demo, demo.connect():
            return [["demo", *row] for row in await opening(fresh, "/?as=owner", 3 * rounds)]


async def main(others: int, own: int, rounds: int) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*QUIET, "--no-sandbox"])
        rows = await large_account(browser, others, own, rounds) + await demo_data(browser, rounds)
        columns = ("account", "files", "number", "median, ms", "95th percentile", "99th percentile")
        print_table("From opening the address to the first rows", columns, rows)
        await browser.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--others", type=int, default=OTHERS)
    parser.add_argument("--own", type=int, default=OWN)
    parser.add_argument("--rounds", type=int, default=4)
    given = parser.parse_args()
    asyncio.run(main(given.others, given.own, given.rounds))
