"""The pages while the database is unavailable, or after an unexpected error."""

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

from pages.errors import with_error_page
from plaudit.database import config
from plaudit.masking import report
from tests.conftest import ADDRESS
from tests.gateway import Api
from tests.pages.guests import Guest, create_guest, gateway_on

UNREACHABLE = "postgresql://nobody@127.0.0.1:1/none"
PERSONAL = "ann@example.com"


@asynccontextmanager
async def gateway_with(database_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a gateway on another database, where links are valid too, since only their signature is checked."""
    async with TortoiseContext() as context:
        await context.init(config=config(database_url, size=2))
        async with gateway_on(database_url) as client:
            yield client


async def request_without_database(link: str, method: str = "GET", language: str = "en") -> httpx.Response:
    """The response of a gateway whose database cannot be reached."""
    async with gateway_with(UNREACHABLE) as client:
        return await client.request(method, link, headers={"accept-language": language}, data={"score": "9"})


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
async def test_pages_are_503_with_retry_after_while_the_database_is_unavailable(method: str) -> None:
    guest = await create_guest()
    for link in (guest.review, guest.unsubscribe):
        answer = await request_without_database(link, method)
        assert (answer.status_code, int(answer.headers["retry-after"]) > 0) == (503, True)
        assert answer.headers["content-type"].startswith("text/html")
        assert answer.headers["cache-control"] == "no-store"
    assert await guest.actions() == []


async def test_the_503_page_is_in_the_browsers_language() -> None:
    guest = await create_guest(language="de")
    texts = [
        (await request_without_database(guest.review, language=language)).text
        for language in ("de-CH, en;q=0.5", "en", "it")
    ]
    assert ["Bitte kommen Sie gleich noch einmal" in text for text in texts] == [True, False, False]
    assert ["Please come back in a moment" in text for text in texts] == [False, True, True]


async def test_a_forged_link_is_404_without_a_database() -> None:
    assert (await request_without_database("/r/x")).status_code == 404


async def test_the_pixel_is_returned_without_a_database(caplog: pytest.LogCaptureFixture) -> None:
    answer = await request_without_database((await create_guest()).pixel)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/gif")
    assert "the database is unavailable: ConnectionRefusedError" in caplog.text


async def test_the_pixel_is_returned_after_an_unexpected_error() -> None:
    """The database has no tables."""
    guest = await create_guest()
    async with gateway_with(os.environ[ADDRESS]) as client:
        answer = await client.get(guest.pixel)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/gif")


async def test_the_500_page_shows_the_id_of_the_logged_error(caplog: pytest.LogCaptureFixture) -> None:
    """The database has no tables."""
    guest: Guest = await create_guest()
    async with gateway_with(os.environ[ADDRESS]) as client:
        for link in (guest.review, guest.unsubscribe):
            answer = await client.post(link, data={"score": "9"})
            assert (answer.status_code, "Something went wrong here" in answer.text) == (500, True)
            error_id = re.search(r"recorded it as (\w+)\.", answer.text)
            assert error_id is not None
            assert f"error {error_id[1]}: UndefinedTableError" in caplog.text


async def test_an_errors_message_is_neither_shown_nor_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def broken(_request: Request) -> Response:
        raise asyncpg.UniqueViolationError(f"Key (email)=({PERSONAL}) already exists.")

    transport = httpx.ASGITransport(Starlette(routes=[Route("/", with_error_page(broken, report))]))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        answer = await client.get("/")
    assert answer.status_code == 500
    assert "UniqueViolationError" in caplog.text
    assert PERSONAL not in caplog.text + answer.text


async def test_pages_recover_after_the_database_does(api: Api, db: str) -> None:
    guest = await create_guest()
    pids = "select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
    other = await asyncpg.connect(db)
    await other.execute(f"select pg_terminate_backend(pid) from ({pids}) as others")
    await other.close()
    answers = [await api.client.get(guest.review) for _ in range(12)]
    assert {answer.status_code for answer in answers} <= {200, 503}
    assert answers[-1].status_code == 200


async def test_a_lock_timeout_is_503(api: Api, db: str) -> None:
    """Takes the five seconds of the lock timeout."""
    guest = await create_guest()
    holder = await asyncpg.connect(db)
    async with holder.transaction():
        await holder.execute("select 1 from account where id = $1 for update", guest.location.account_id)
        answer = await api.client.post(guest.review, data={"score": "9"})
    await holder.close()
    assert (answer.status_code, await guest.actions()) == (503, [])
