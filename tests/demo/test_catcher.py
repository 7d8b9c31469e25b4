"""The mail catcher: e-mails sent over SMTP and shown in the mailbox."""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import aiosmtplib
import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette

from demo.catcher import USER, Catcher, catching
from demo.mailbox import Caught, Mailbox
from demo.mailbox_pages import routes


@pytest.fixture
async def catcher(tmp_path: Path) -> AsyncIterator[Catcher]:
    async with catching(tmp_path / "mail.sqlite3", "password") as running:
        yield running


@pytest.fixture
async def browser(catcher: Catcher) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=Starlette(routes=routes(catcher)))
    async with httpx.AsyncClient(transport=transport, base_url="http://demo") as client:
        yield client


def mail(to: str = "ann@example.com", subject: str = "How was it?", html: str | None = None) -> EmailMessage:
    message = EmailMessage(policy=SMTP.clone(max_line_length=998))
    message["From"], message["To"], message["Subject"] = "Bakery <hello@bakery.example.com>", to, subject
    message.set_content("Tell us <here>: https://demo.example.com/r/abc?x=1&y=2. Thanks!\n")
    if html:
        message.add_alternative(html, subtype="html")
    return message


@asynccontextmanager
async def logged_in(catcher: Catcher, password: str | None = None) -> AsyncIterator[aiosmtplib.SMTP]:
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=catcher.port, use_tls=False, start_tls=False) as client:
        await client.login(USER, password or catcher.password)
        yield client


async def send(catcher: Catcher, *mails: EmailMessage) -> None:
    async with logged_in(catcher) as client:
        for message in mails:
            await client.mail("bounce+1@bakery.example.com")
            await client.rcpt(str(message["To"]))
            await client.data(message.as_bytes())


async def test_a_caught_mail_is_listed_with_its_recipient_and_subject(
    catcher: Catcher, browser: httpx.AsyncClient
) -> None:
    await send(catcher, mail(subject="Wie war’s, Zoë? 日本"))
    page = (await browser.get("/mailbox")).text
    assert "ann@example.com" in page
    assert "Wie war’s, Zoë? 日本" in page


async def test_the_newest_mail_comes_first(catcher: Catcher) -> None:
    await send(catcher, mail(subject="first"), mail(subject="second"))
    assert [line.subject for line in await catcher.newest()] == ["second", "first"]


async def test_a_search_matches_parts_of_the_recipient_literally(catcher: Catcher, browser: httpx.AsyncClient) -> None:
    await send(catcher, mail("ann_1@example.com", "for Ann"), mail("annx1@example.com", "for Anna"))
    page = (await browser.get("/mailbox", params={"to": "ANN_1"})).text
    assert "for Ann<" in page
    assert "for Anna" not in page


async def test_older_pages_reach_the_first_mail(catcher: Catcher, browser: httpx.AsyncClient) -> None:
    await send(catcher, *(mail(subject=f"number {number}") for number in range(51)))
    first = (await browser.get("/mailbox")).text
    assert "number 50" in first
    assert "number 0<" not in first
    older = first.partition('href="/mailbox?before=')[2].partition('"')[0]
    assert "number 0<" in (await browser.get(f"/mailbox?before={older}")).text


async def test_text_is_shown_with_links_and_everything_else_escaped(
    catcher: Catcher, browser: httpx.AsyncClient
) -> None:
    await send(catcher, mail())
    page = (await browser.get("/mailbox/1")).text
    assert '<a href="https://demo.example.com/r/abc?x=1&amp;y=2"' in page
    assert "&lt;here&gt;" in page


async def test_html_is_served_without_scripts_and_its_links_open_outside_the_frame(
    catcher: Catcher, browser: httpx.AsyncClient
) -> None:
    await send(
        catcher, mail(html="<html><head></head><body><script>alert(1)</script><a href='https://x'>go</a></body></html>")
    )
    assert 'sandbox="allow-popups' in (await browser.get("/mailbox/1")).text
    answer = await browser.get("/mailbox/1/html")
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("sandbox ")
    assert "script" not in policy
    assert '<head><base target="_blank">' in answer.text


async def test_the_source_is_the_mail_as_sent(catcher: Catcher, browser: httpx.AsyncClient) -> None:
    await send(catcher, mail())
    answer = await browser.get("/mailbox/1/source")
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.content.replace(b"\r\n", b"\n").endswith(mail().as_bytes().replace(b"\r\n", b"\n"))


async def send_raw(catcher: Catcher, head: bytes, body: bytes) -> None:
    """Sends a mail with the header folded into lines short enough for SMTP."""
    raw = b"\r\n ".join(re.findall(rb"(?s).{1,900}", head)) + b"\r\n\r\n" + body
    async with logged_in(catcher) as client:
        await client.mail("bounce+1@bakery.example.com")
        await client.rcpt("ann@example.com")
        await client.data(raw)


@pytest.mark.parametrize(
    "header",
    [
        b"Subject: =?utf-8?q?Hello?= =?utf-8?b?=== ?=",
        b"Subject: =?no-such-charset?q?Hello?=",
        b"Subject: =?utf-8\x00?q?Hello?=",
        b"Subject: =?utf-8?b?/w==?= =?utf-8?q?=FF=FE?=",
        b"Subject: a\x00b\x1b[31m \xff\xfe",
        b"Subject: " + b"=?=?" * 25_000,
        b"Subject: " + b"x" * 100_000,
        b"Subject: " + b"=?utf-8?q?x?= " * 8_000,
        b"X-Many: " + b"\r\n\tfolded" * 10_000,
        b"To: =?utf-8?q?",
        b'To: "=?utf-8?q?Evil?=" <ann@example.com',
        b"To: " + b"<" * 50_000,
        b"To: " + b"(" * 50_000,
        b"Content-Type: text/plain; charset=no-such",
        b"Content-Type: text/plain; charset=\x00",
        b"Content-Type: text/plain; charset*=nope''%FF",
        b"Content-Type: text/plain; charset*0=utf; charset*2=x",
        b"Content-Type: text/html; charset=idna",
        b"Content-Type: text/html; charset=base64",
        b"Content-Type: multipart/mixed; boundary=" + b"=" * 70_000,
        b"Content-Type: multipart/mixed; boundary*=x''%00",
        b"Content-Type: ;;;",
        b"Content-Type: message/rfc822",
        b"Content-Disposition: =?utf-8?q?",
        b"Content-Transfer-Encoding: base64",
        b"Content-Transfer-Encoding: uuencode",
        b"Content-Transfer-Encoding: \xff",
        b"Date: Fri, 99 Foo 99999999999 99:99:99 +9999",
        b"Message-ID: <" + b"[" * 10_000,
        b": nothing",
        b"\x00: nothing",
        b"no header at all",
    ],
    ids=lambda header: repr(header[:40]),
)
async def test_mails_with_malformed_headers_are_listed_and_shown(
    catcher: Catcher, browser: httpx.AsyncClient, header: bytes
) -> None:
    await send_raw(catcher, b"From: hello@bakery.example.com\r\n" + header, b"How was it?\r\n")
    async with asyncio.timeout(5):
        assert "ann@example.com" in (await browser.get("/mailbox")).text
        for path in ("", "/source"):
            assert (await browser.get(f"/mailbox/1{path}")).status_code == 200
        assert (await browser.get("/mailbox/1/html")).status_code in (200, 404)


@pytest.mark.parametrize("charset", ["no-such", "\x00", "idna", "base64"])
async def test_text_in_an_unknown_charset_is_read_as_utf_8(
    catcher: Catcher, browser: httpx.AsyncClient, charset: str
) -> None:
    await send_raw(catcher, f"Content-Type: text/plain; charset={charset}".encode(), "Wie war’s?\r\n".encode())
    assert "Wie war’s?" in (await browser.get("/mailbox/1")).text


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_any_bytes_can_be_shown_as_a_mail(head: bytes, body: bytes) -> None:
    with closing(Mailbox(Path(":memory:"))) as mailbox:
        mailbox.add([Caught(datetime.now(UTC), "a@example.com", ("b@example.com",), head + b"\r\n\r\n" + body)])
        mail = mailbox.mail(1)
        assert mail is not None
        shown = [mail.line.subject, mail.text or "", mail.html or "", *(part for pair in mail.headers for part in pair)]
        "".join(shown).encode()  # raises if it cannot be shown


async def test_a_missing_mail_is_404_with_a_message(browser: httpx.AsyncClient) -> None:
    for key in ("1", "99999999999999999999"):
        answer = await browser.get(f"/mailbox/{key}")
        assert answer.status_code == 404
        assert "Message not found" in answer.text


async def test_mails_survive_a_restart(tmp_path: Path) -> None:
    async with catching(tmp_path / "mail.sqlite3", "password") as first:
        await send(first, mail())
    async with catching(tmp_path / "mail.sqlite3", "password") as second:
        assert await second.count() == 1


async def test_a_free_port_is_used_if_the_port_is_taken(catcher: Catcher, tmp_path: Path) -> None:
    async with catching(tmp_path / "other.sqlite3", "other", catcher.port) as other:
        assert other.port not in (0, catcher.port)


async def test_a_client_that_does_not_log_in_is_refused(catcher: Catcher) -> None:
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=catcher.port, use_tls=False, start_tls=False) as client:
        with pytest.raises(aiosmtplib.SMTPSenderRefused, match="Log in"):
            await client.mail("bounce+1@bakery.example.com")
    assert await catcher.count() == 0


async def test_another_demos_password_is_refused(catcher: Catcher) -> None:
    with pytest.raises(aiosmtplib.SMTPAuthenticationError):
        async with logged_in(catcher, "other"):
            pass


@pytest.mark.long
async def test_it_accepts_200_mails_per_second(catcher: Catcher) -> None:
    started = time.monotonic()
    await send(catcher, *[mail()] * 1000)
    assert await catcher.count() == 1000
    assert time.monotonic() - started < 5
