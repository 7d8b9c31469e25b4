"""What the pages answer while the database cannot be had, or when something breaks."""

import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from tortoise.context import TortoiseContext

from pages.trouble import kindly
from plaudit.database import config
from plaudit.masking import report
from tests.conftest import ADDRESS
from tests.gateway import Api
from tests.pages.guests import Guest, gateway_on, guest

NOWHERE = "postgresql://nobody@127.0.0.1:1/none"
PERSONAL = "ann@example.com"


@asynccontextmanager
async def gateway_with(database_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """For this test alone; a good link needs no more of the database than its key."""
    async with TortoiseContext() as context:
        await context.init(config=config(database_url, size=2))
        async with gateway_on(database_url) as client:
            yield client


async def down(link: str, method: str = "GET", wish: str = "en") -> httpx.Response:
    """What a gateway says whose database is nowhere."""
    async with gateway_with(NOWHERE) as client:
        return await client.request(method, link, headers={"accept-language": wish}, data={"score": "9"})


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
async def test_while_the_database_cannot_be_had_the_pages_are_503_and_say_when_to_come_back(method: str) -> None:
    who = await guest()
    for link in (who.review, who.unsubscribe):
        answer = await down(link, method)
        assert (answer.status_code, int(answer.headers["retry-after"]) > 0) == (503, True)
        assert answer.headers["content-type"].startswith("text/html")
        assert answer.headers["cache-control"] == "no-store"
    assert await who.told() == []


async def test_they_say_so_in_the_browsers_language() -> None:
    who = await guest(language="de")
    said = [(await down(who.review, wish=wish)).text for wish in ("de-CH, en;q=0.5", "en", "fr")]
    assert ["Bitte kommen Sie gleich noch einmal" in text for text in said] == [True, False, False]
    assert ["Please come back in a moment" in text for text in said] == [False, True, True]


async def test_a_forged_link_needs_no_database() -> None:
    assert (await down("/r/x")).status_code == 404


async def test_the_picture_comes_without_a_database_too(caplog: pytest.LogCaptureFixture) -> None:
    answer = await down((await guest()).picture)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/gif")
    assert "the database is unavailable: ConnectionRefusedError" in caplog.text


async def test_the_picture_comes_whatever_breaks() -> None:
    """Here the tables are missing."""
    who = await guest()
    async with gateway_with(os.environ[ADDRESS]) as client:
        answer = await client.get(who.picture)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/gif")


async def test_what_breaks_is_a_page_with_the_id_under_which_the_log_has_it(caplog: pytest.LogCaptureFixture) -> None:
    """Here the tables are missing."""
    who: Guest = await guest()
    async with gateway_with(os.environ[ADDRESS]) as client:
        for link in (who.review, who.unsubscribe):
            answer = await client.post(link, data={"score": "9"})
            assert (answer.status_code, "Something went wrong here" in answer.text) == (500, True)
            number = re.search(r"noted it as (\w+)\.", answer.text)
            assert number is not None
            assert f"error {number[1]}: UndefinedTableError" in caplog.text


async def test_nothing_of_what_an_error_says_is_shown_or_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def broken(_request: Request) -> Response:
        raise asyncpg.UniqueViolationError(f"Key (email)=({PERSONAL}) already exists.")

    transport = httpx.ASGITransport(Starlette(routes=[Route("/", kindly(broken, report))]))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        answer = await client.get("/")
    assert answer.status_code == 500
    assert "UniqueViolationError" in caplog.text
    assert PERSONAL not in caplog.text + answer.text


async def test_a_page_is_found_again_once_the_database_is(api: Api, db: str) -> None:
    who = await guest()
    pids = "select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
    other = await asyncpg.connect(db)
    await other.execute(f"select pg_terminate_backend(pid) from ({pids}) as theirs")
    await other.close()
    answers = [await api.client.get(who.review) for _ in range(12)]
    assert {answer.status_code for answer in answers} <= {200, 503}
    assert answers[-1].status_code == 200


async def test_while_somebody_holds_the_account_for_long_it_is_503_too(api: Api, db: str) -> None:
    """It takes the five seconds that a lock is waited for."""
    who = await guest()
    holder = await asyncpg.connect(db)
    async with holder.transaction():
        await holder.execute("select 1 from account where id = $1 for update", who.location.account_id)
        answer = await api.client.post(who.review, data={"score": "9"})
    await holder.close()
    assert (answer.status_code, await who.told()) == (503, [])
