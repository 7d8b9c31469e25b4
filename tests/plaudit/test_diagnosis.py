"""Messages about real relays that accept no mail."""

import pytest

from delivery import smtp
from delivery.smtp import LOST, Relay, Session
from plaudit.addresses import relay_address
from plaudit.diagnosis import of_relay
from tests.delivery.scripted_smtp import DROP, HANG, ScriptedSmtp

AUTH = {"EHLO": "250-scripted\r\n250 AUTH PLAIN"}


async def diagnosis_of(url: str) -> str | None:
    """The message about a relay, or None if it responds."""
    at = relay_address(url)
    session = Session(Relay(at.host, at.port, str(at.tls), at.username, at.password))
    try:
        await session.ready()
    except LOST as error:
        return of_relay(error, at)
    await session.quit()
    return None


@pytest.mark.parametrize(
    ("replies", "options", "says"),
    [
        (
            {"connect": "554 5.7.1 not you"},
            "tls=none",
            "refuses the connection (554 5.7.1 not you); ask its administrator.",
        ),
        ({"connect": DROP}, "tls=none", "does not respond"),
        ({"connect": HANG}, "tls=none", "does not respond"),
        ({}, "tls=starttls", "does not offer STARTTLS; write tls=required or tls=none in PLAUDIT_SMTP_URL."),
        ({}, "tls=required", "does not accept TLS"),
        (
            AUTH | {"AUTH": "535 5.7.8 no"},
            "tls=none",
            "rejects the user or password (535 5.7.8 no); correct PLAUDIT_SMTP_URL.",
        ),
        ({}, "tls=none", "offers no login; remove the user and password from PLAUDIT_SMTP_URL"),
    ],
)
async def test_a_relay_that_accepts_no_mail(
    replies: dict[str, str], options: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp, "COMMAND_SECONDS", 0.5)
    async with ScriptedSmtp(replies).running() as relay:
        message = await diagnosis_of(f"smtp://me:hunter2@127.0.0.1:{relay.port}?{options}")
    assert message is not None
    assert says in message
    assert f"127.0.0.1:{relay.port}" in message
    assert "hunter2" not in message


async def test_a_relay_that_responds() -> None:
    async with ScriptedSmtp(AUTH | {"AUTH": "235 welcome"}).running() as relay:
        assert await diagnosis_of(f"smtp://me:hunter2@127.0.0.1:{relay.port}?tls=none") is None


async def test_a_closed_port() -> None:
    assert "start it, or correct PLAUDIT_SMTP_URL" in (await diagnosis_of("smtp://127.0.0.1:1?tls=none") or "")


async def test_an_unknown_host() -> None:
    message = await diagnosis_of("smtp://nowhere.invalid?tls=none")
    assert message == "The mail relay's host nowhere.invalid cannot be found; correct PLAUDIT_SMTP_URL."
