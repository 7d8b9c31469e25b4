"""SMTP, phase by phase: the verdict for each reply, timeout or lost connection."""

import pytest

from delivery import smtp
from delivery.smtp import Relay, SmtpTransport
from delivery.transport import Envelope, Verdict
from tests.delivery.scripted_smtp import DROP, HANG, ScriptedSmtp

LETTER = Envelope("shop@example.com", "ann@example.org", b"Subject: hello\r\n\r\nHow was it?\r\n")

DIALOGUES = [
    ({}, Verdict.SENT),
    ({"connect": "554 no"}, Verdict.DOWN),
    ({"connect": "421 later"}, Verdict.DOWN),
    ({"connect": DROP}, Verdict.DOWN),
    ({"connect": HANG}, Verdict.DOWN),
    ({"EHLO": DROP}, Verdict.DOWN),
    ({"EHLO": HANG}, Verdict.DOWN),
    ({"MAIL": "550 unknown sender"}, Verdict.HELD_BACK),
    ({"MAIL": "530 log in first"}, Verdict.HELD_BACK),
    ({"MAIL": "552 too large"}, Verdict.HELD_BACK),
    ({"MAIL": "451 later"}, Verdict.HELD_BACK),
    ({"MAIL": "421 too many messages"}, Verdict.HELD_BACK),
    ({"MAIL": DROP}, Verdict.DOWN),
    ({"MAIL": HANG}, Verdict.DOWN),
    ({"RCPT": "550 5.1.1 unknown"}, Verdict.REFUSED),
    ({"RCPT": "550 Empf\udce4nger unbekannt"}, Verdict.REFUSED),
    ({"RCPT": "553 no such mailbox"}, Verdict.REFUSED),
    ({"RCPT": "450 greylisted"}, Verdict.DEFERRED),
    ({"RCPT": "452 mailbox full"}, Verdict.DEFERRED),
    ({"RCPT": DROP}, Verdict.DOWN),
    ({"RCPT": HANG}, Verdict.DOWN),
    ({"DATA": "451 later"}, Verdict.DEFERRED),
    ({"DATA": "554 no"}, Verdict.REFUSED),
    ({"DATA": DROP}, Verdict.UNKNOWN),
    ({"DATA": HANG}, Verdict.UNKNOWN),
    ({"body": DROP}, Verdict.UNKNOWN),
    ({".": "452 disk full"}, Verdict.DEFERRED),
    ({".": "554 spam"}, Verdict.REFUSED),
    ({".": DROP}, Verdict.UNKNOWN),
    ({".": HANG}, Verdict.UNKNOWN),
]


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits half a second for a silent relay, not a minute."""
    monkeypatch.setattr(smtp, "COMMAND_SECONDS", 0.5)
    monkeypatch.setattr(smtp, "DATA_SECONDS", 0.5)


@pytest.mark.parametrize(("replies", "verdict"), DIALOGUES, ids=lambda value: str(value))
async def test_each_reply_has_its_verdict(replies: dict[str, str], verdict: Verdict) -> None:
    async with ScriptedSmtp(replies).running() as server:
        transport = SmtpTransport(Relay("127.0.0.1", server.port), connections=1)
        answer = await transport.send(LETTER)
        await transport.close()
    assert answer.verdict is verdict


async def test_a_message_arrives_unchanged() -> None:
    async with ScriptedSmtp().running() as server:
        transport = SmtpTransport(Relay("127.0.0.1", server.port), connections=1)
        await transport.send(LETTER)
        await transport.close()
    assert server.accepted == [LETTER.message]


async def test_a_connection_is_reused_for_the_next_message() -> None:
    async with ScriptedSmtp().running() as server:
        transport = SmtpTransport(Relay("127.0.0.1", server.port), connections=1)
        verdicts = [(await transport.send(LETTER)).verdict for _ in range(3)]
        await transport.close()
    assert (server.connections, verdicts) == (1, [Verdict.SENT] * 3)


async def test_the_next_message_is_sent_after_a_refused_recipient() -> None:
    async with ScriptedSmtp({"RCPT": "550 unknown recipient"}).running() as server:
        transport = SmtpTransport(Relay("127.0.0.1", server.port), connections=1)
        await transport.send(LETTER)
        server.replies = {}
        answer = await transport.send(LETTER)
        await transport.close()
    assert (server.connections, answer.verdict) == (1, Verdict.SENT)


@pytest.mark.parametrize("stage", ["DATA", "."])
async def test_the_next_message_is_sent_after_a_refused_text(stage: str) -> None:
    async with ScriptedSmtp({stage: "554 no"}).running() as server:
        transport = SmtpTransport(Relay("127.0.0.1", server.port), connections=1)
        await transport.send(LETTER)
        server.replies = {}
        answer = await transport.send(LETTER)
        await transport.close()
    assert (server.connections, answer.verdict) == (1, Verdict.SENT)


async def test_a_connection_is_replaced_after_a_hundred_messages() -> None:
    async with ScriptedSmtp().running() as server:
        transport = SmtpTransport(Relay("127.0.0.1", server.port), connections=1)
        for connections, messages in ((1, 100), (2, 1)):
            for _ in range(messages):
                assert (await transport.send(LETTER)).verdict is Verdict.SENT
            assert server.connections == connections
        await transport.close()


async def test_the_next_message_is_sent_after_a_refused_sender() -> None:
    async with ScriptedSmtp({"MAIL shop@example.com": "550 unknown sender"}).running() as server:
        transport = SmtpTransport(Relay("127.0.0.1", server.port), connections=1)
        other = Envelope("bakery@example.com", LETTER.recipient, LETTER.message)
        verdicts = [(await transport.send(envelope)).verdict for envelope in (LETTER, other)]
        await transport.close()
    assert (server.connections, verdicts) == (1, [Verdict.HELD_BACK, Verdict.SENT])


@pytest.mark.parametrize("address", ['"b\r\nRCPT TO:<evil@x>"@x.de', "b\n@x.de", "b@x.de>\r\nDATA", "Ann <a@x.de>", ""])
async def test_an_invalid_address_never_reaches_the_relay(address: str) -> None:
    async with ScriptedSmtp().running() as server:
        transport = SmtpTransport(Relay("127.0.0.1", server.port), connections=1)
        answer = await transport.send(Envelope("shop@example.com", address, b"x"))
        await transport.close()
    assert (answer.verdict, server.recipients) == (Verdict.REFUSED, [])


async def test_an_unreachable_relay_is_down() -> None:
    async with ScriptedSmtp().running() as server:
        pass
    transport = SmtpTransport(Relay("127.0.0.1", server.port), connections=1)
    assert (await transport.send(LETTER)).verdict is Verdict.DOWN


async def test_nothing_is_sent_if_the_relay_lacks_a_required_starttls() -> None:
    async with ScriptedSmtp().running() as server:
        transport = SmtpTransport(Relay("127.0.0.1", server.port, tls="starttls"), connections=1)
        answer = await transport.send(LETTER)
        await transport.close()
    assert (answer.verdict, server.accepted) == (Verdict.DOWN, [])
