"""The demo's home page and the documents that it links to."""

import re
from collections.abc import AsyncIterator
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from demo.accounts import TOKENS
from demo.catcher import catching
from demo.home_page import HomePage
from demo.mailbox_pages import routes

ADDRESS = "http://127.0.0.1:8000"


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with catching(tmp_path / "mail.sqlite3", "password") as catcher:
        page = HomePage(catcher, ADDRESS, tmp_path / "to kens.env")
        app = Starlette(routes=[*page.routes(), *routes(catcher), Route("/graphql", lambda _: None)])
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ADDRESS) as client:
            yield client


async def test_every_link_resolves(browser: httpx.AsyncClient) -> None:
    links = set(re.findall(r'href="([^"]+)"', (await browser.get("/demo")).text))
    assert {"/", "/mailbox", "/graphql", "/schema.graphql", "/docs/access.md", "/docs/settings.md"} < links
    for link in links - {"/", "/graphql"}:
        assert (await browser.get(link)).status_code == 200, link


async def test_it_lists_token_names_and_their_file_but_no_tokens(browser: httpx.AsyncClient, tmp_path: Path) -> None:
    text = (await browser.get("/demo")).text
    assert str(tmp_path / "to kens.env") in text
    assert all(f"PLAUDIT_TOKEN_{name}<" in text for name in TOKENS)
    assert "Bäckerei Kornblume" in text
    assert "eyJ" not in text


async def test_it_has_no_scripts_and_a_policy_that_forbids_them(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/demo")
    assert "<script" not in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert "script-src" not in answer.headers["content-security-policy"]


async def test_head_returns_no_body(browser: httpx.AsyncClient) -> None:
    answer = await browser.head("/demo")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"].startswith("text/html")


async def test_its_language_headings_and_tables_are_accessible(browser: httpx.AsyncClient) -> None:
    found: list[tuple[str, dict[str, str | None]]] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.append((tag, dict(attrs)))

    Reader().feed((await browser.get("/demo")).text)
    tags = [tag for tag, _ in found]
    assert dict(found)["html"] == {"lang": "en"}
    assert (tags.count("h1"), tags.count("main")) == (1, 1)
    assert all("scope" in attributes for tag, attributes in found if tag == "th")


async def test_documents_are_served_as_plain_text_in_utf_8(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/docs/settings.md")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.text.startswith("# Settings")


@pytest.mark.parametrize("name", ["nope.md", "../pyproject.toml", "%2e%2e/pyproject.toml", "/etc/passwd", ""])
async def test_only_documents_are_served(browser: httpx.AsyncClient, name: str) -> None:
    assert (await browser.get(f"/docs/{name}")).status_code == 404


async def test_it_names_the_relay_that_mail_goes_to(tmp_path: Path) -> None:
    async with catching(tmp_path / "mail.sqlite3", "password") as catcher:
        app = Starlette(routes=HomePage(catcher, ADDRESS, tmp_path / "t", "relay.example.com:25 (tls=none)").routes())
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ADDRESS) as client:
            assert "go to the mail relay relay.example.com:25" in (await client.get("/demo")).text
