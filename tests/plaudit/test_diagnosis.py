"""What is said of relays that take no mail, each of them real."""

import pytest

from delivery import smtp
from delivery.smtp import Relay
from plaudit.addresses import relay_address
from plaudit.diagnosis import of_relay
from tests.delivery.scripted_smtp import DROP, HANG, ScriptedSmtp

AUTH = {"EHLO": "250-scripted\r\n250 AUTH PLAIN"}


async def said_of(url: str) -> str | None:
    """None for a relay that answers."""
    heard: list[BaseException | None] = []
    at = relay_address(url)
    answers = await smtp.answers(Relay(at.host, at.port, str(at.tls), at.username, at.password), heard.append)
    assert answers is (heard == [None])
    return of_relay(heard[0], at) if heard[0] else None


@pytest.mark.parametrize(
    ("replies", "options", "says"),
    [
        ({"connect": "554 5.7.1 not you"}, "tls=none", "turns us away (554 5.7.1 not you); ask whoever runs it."),
        ({"connect": DROP}, "tls=none", "does not answer"),
        ({"connect": HANG}, "tls=none", "does not answer"),
        ({}, "tls=starttls", "does not offer STARTTLS; write tls=required or tls=none in PLAUDIT_SMTP_URL."),
        ({}, "tls=required", "cannot be spoken to by TLS"),
        (AUTH | {"AUTH": "535 5.7.8 no"}, "tls=none", "refuses the user or password of PLAUDIT_SMTP_URL (535)"),
    ],
)
async def test_a_relay_that_takes_no_mail(
    replies: dict[str, str], options: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp, "COMMAND_SECONDS", 0.5)
    async with ScriptedSmtp(replies).running() as relay:
        said = await said_of(f"smtp://me:hunter2@127.0.0.1:{relay.port}?{options}")
    assert said is not None
    assert says in said
    assert f"127.0.0.1:{relay.port}" in said
    assert "hunter2" not in said


async def test_a_relay_that_answers() -> None:
    async with ScriptedSmtp(AUTH | {"AUTH": "235 welcome"}).running() as relay:
        assert await said_of(f"smtp://me:hunter2@127.0.0.1:{relay.port}?tls=none") is None


async def test_a_port_at_which_nobody_listens() -> None:
    assert "start it, or correct PLAUDIT_SMTP_URL" in (await said_of("smtp://127.0.0.1:1?tls=none") or "")


async def test_a_host_that_is_not_there() -> None:
    said = await said_of("smtp://nowhere.invalid?tls=none")
    assert said == "The mail relay's host nowhere.invalid cannot be found; correct PLAUDIT_SMTP_URL."
