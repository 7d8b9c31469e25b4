"""SMTP, phase by phase: the verdict for each reply, timeout or lost connection."""

import asyncio

import pytest

from delivery import smtp
from delivery.smtp import LOST, Relay, Session
from delivery.transport import Answer, Envelope, Verdict
from tests.delivery.scripted_smtp import DROP, HANG, ScriptedSmtp

LETTER = Envelope("shop@example.com", "ann@example.org", b"Subject: hello\r\n\r\nHow was it?\r\n")

DIALOGUES = [
    ({}, Verdict.SENT),
    ({"connect": "554 no"}, Verdict.DOWN),
    ({"connect": "421 later"}, Verdict.DOWN),
    ({"connect": "nonsense"}, Verdict.DOWN),
    ({"connect": DROP}, Verdict.DOWN),
    ({"connect": HANG}, Verdict.DOWN),
    ({"EHLO": DROP}, Verdict.DOWN),
    ({"EHLO": HANG}, Verdict.DOWN),
    ({"MAIL": "550 unknown sender"}, Verdict.HELD_BACK),
    ({"MAIL": "530 log in first"}, Verdict.DOWN),
    ({"MAIL": "535 5.7.8 authentication failed"}, Verdict.DOWN),
    ({"MAIL": "552 message size exceeds the limit"}, Verdict.POSTPONED),
    ({"MAIL": "451 later"}, Verdict.HELD_BACK),
    ({"MAIL": "452 4.3.1 disk full"}, Verdict.HELD_BACK),
    ({"MAIL": "452 4.5.3 too many messages"}, Verdict.NOT_SENT),
    ({"MAIL": "421 too many messages"}, Verdict.NOT_SENT),
    ({"MAIL": "503 5.5.1 nested MAIL"}, Verdict.NOT_SENT),
    ({"MAIL": "251 fine"}, Verdict.SENT),
    ({"MAIL": "nonsense"}, Verdict.NOT_SENT),
    ({"MAIL": "25"}, Verdict.NOT_SENT),
    ({"MAIL": DROP}, Verdict.NOT_SENT),
    ({"MAIL": HANG}, Verdict.NOT_SENT),
    ({"RCPT": "550 5.1.1 unknown"}, Verdict.REFUSED),
    ({"RCPT": "550 Empf\udce4nger unbekannt"}, Verdict.REFUSED),
    ({"RCPT": "550-5.1.1 The account\r\n550-5.1.1 does not\r\n550 5.1.1 exist"}, Verdict.REFUSED),
    ({"RCPT": "553 no such mailbox"}, Verdict.REFUSED),
    ({"RCPT": "550 5.4.5 daily quota exceeded"}, Verdict.REJECTED),
    ({"RCPT": "554 5.7.1 client host blocked"}, Verdict.REJECTED),
    ({"RCPT": "554 5.7.1 Relay access denied"}, Verdict.REJECTED),
    ({"RCPT": "530 5.7.0 authentication required"}, Verdict.DOWN),
    ({"RCPT": "450 greylisted"}, Verdict.POSTPONED),
    ({"RCPT": "452 mailbox full"}, Verdict.DEFERRED),
    ({"RCPT": "421 closing"}, Verdict.NOT_SENT),
    ({"RCPT": "251 user not local; will forward"}, Verdict.SENT),
    ({"RCPT": "x" * 100_000}, Verdict.POSTPONED),
    ({"RCPT": "nonsense"}, Verdict.POSTPONED),
    ({"RCPT": DROP}, Verdict.POSTPONED),
    ({"RCPT": HANG}, Verdict.POSTPONED),
    ({"DATA": "451 later"}, Verdict.POSTPONED),
    ({"DATA": "554 no"}, Verdict.POSTPONED),
    ({"DATA": "250 what text?"}, Verdict.POSTPONED),
    ({"DATA": "421 closing"}, Verdict.NOT_SENT),
    ({"DATA": DROP}, Verdict.POSTPONED),
    ({"DATA": HANG}, Verdict.POSTPONED),
    ({"body": DROP}, Verdict.UNKNOWN),
    ({".": "250"}, Verdict.SENT),
    ({".": "251 forwarded"}, Verdict.SENT),
    ({".": "200 queued"}, Verdict.SENT),
    ({".": "250-queued\r\n250 as ABC"}, Verdict.SENT),
    ({".": "452 disk full"}, Verdict.POSTPONED),
    ({".": "454 4.7.1 throttled"}, Verdict.POSTPONED),
    ({".": "421 closing"}, Verdict.POSTPONED),
    ({".": "554 spam"}, Verdict.POSTPONED),
    ({".": "550 5.4.5 daily quota exceeded"}, Verdict.REJECTED),
    ({".": "550 5.1.1 unknown"}, Verdict.REFUSED),
    ({".": "354 go on"}, Verdict.UNKNOWN),
    ({".": "100 what"}, Verdict.UNKNOWN),
    ({".": "nonsense"}, Verdict.UNKNOWN),
    ({".": "2"}, Verdict.UNKNOWN),
    ({".": DROP}, Verdict.UNKNOWN),
    ({".": HANG}, Verdict.UNKNOWN),
]


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits half a second for a silent relay, not a minute."""
    monkeypatch.setattr(smtp, "COMMAND_SECONDS", 0.5)
    monkeypatch.setattr(smtp, "DATA_SECONDS", 0.5)


@pytest.fixture(params=[False, True], ids=["one by one", "pipelined"])
def pipelining(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


async def send(session: Session, envelope: Envelope = LETTER) -> Answer:
    """Connects if necessary, and sends a message; DOWN if the relay cannot be connected to."""
    try:
        await session.ready()
    except LOST as error:
        return Answer(Verdict.DOWN, type(error).__name__)
    return await session.submit(envelope)


@pytest.mark.parametrize(("replies", "verdict"), DIALOGUES, ids=lambda value: str(value))
async def test_each_reply_has_its_verdict(replies: dict[str, str], verdict: Verdict, pipelining: bool) -> None:
    async with ScriptedSmtp(replies, pipelining=pipelining).running() as server:
        session = Session(Relay("127.0.0.1", server.port))
        answer = await send(session)
        await session.quit()
    assert answer.verdict is verdict


async def test_a_message_arrives_unchanged(pipelining: bool) -> None:
    async with ScriptedSmtp(pipelining=pipelining).running() as server:
        session = Session(Relay("127.0.0.1", server.port))
        await send(session)
        await session.quit()
    assert server.accepted == [LETTER.message]


async def test_a_connection_is_reused_for_the_next_message(pipelining: bool) -> None:
    async with ScriptedSmtp(pipelining=pipelining).running() as server:
        session = Session(Relay("127.0.0.1", server.port))
        verdicts = [(await send(session)).verdict for _ in range(3)]
        await session.quit()
    assert (server.connections, verdicts) == (1, [Verdict.SENT] * 3)


async def test_the_next_message_is_sent_after_a_refused_recipient(pipelining: bool) -> None:
    async with ScriptedSmtp({"RCPT": "550 unknown recipient"}, pipelining=pipelining).running() as server:
        session = Session(Relay("127.0.0.1", server.port))
        await send(session)
        server.replies = {}
        answer = await send(session)
        await session.quit()
    assert (server.connections, answer.verdict) == (1, Verdict.SENT)


@pytest.mark.parametrize("stage", ["DATA", "."])
async def test_the_next_message_is_sent_after_a_refused_text(stage: str, pipelining: bool) -> None:
    async with ScriptedSmtp({stage: "554 no"}, pipelining=pipelining).running() as server:
        session = Session(Relay("127.0.0.1", server.port))
        await send(session)
        server.replies = {}
        answer = await send(session)
        await session.quit()
    assert (server.connections, answer.verdict) == (1, Verdict.SENT)


async def test_a_connection_is_replaced_after_a_hundred_messages(pipelining: bool) -> None:
    async with ScriptedSmtp(pipelining=pipelining).running() as server:
        session = Session(Relay("127.0.0.1", server.port))
        for connections, messages in ((1, 100), (2, 1)):
            for _ in range(messages):
                assert (await send(session)).verdict is Verdict.SENT
            assert server.connections == connections
        await session.quit()


async def test_the_next_message_is_sent_after_a_refused_sender(pipelining: bool) -> None:
    async with ScriptedSmtp({"MAIL shop@example.com": "550 unknown sender"}, pipelining=pipelining).running() as server:
        session = Session(Relay("127.0.0.1", server.port))
        other = Envelope("bakery@example.com", LETTER.recipient, LETTER.message)
        verdicts = [(await send(session, envelope)).verdict for envelope in (LETTER, other)]
        await session.quit()
    assert (server.connections, verdicts) == (1, [Verdict.HELD_BACK, Verdict.SENT])


@pytest.mark.parametrize("address", ['"b\r\nRCPT TO:<evil@x>"@x.de', "b\n@x.de", "b@x.de>\r\nDATA", "Ann <a@x.de>", ""])
async def test_an_invalid_address_never_reaches_the_relay(address: str) -> None:
    async with ScriptedSmtp().running() as server:
        session = Session(Relay("127.0.0.1", server.port))
        answer = await send(session, Envelope("shop@example.com", address, b"x"))
        await session.quit()
    assert (answer.verdict, server.recipients) == (Verdict.REFUSED, [])


async def test_an_unreachable_relay_is_down() -> None:
    async with ScriptedSmtp().running() as server:
        pass
    session = Session(Relay("127.0.0.1", server.port))
    assert (await send(session)).verdict is Verdict.DOWN


async def test_nothing_is_sent_if_the_relay_lacks_a_required_starttls() -> None:
    async with ScriptedSmtp().running() as server:
        session = Session(Relay("127.0.0.1", server.port, tls="starttls"))
        answer = await send(session)
        await session.quit()
    assert (answer.verdict, server.accepted) == (Verdict.DOWN, [])


async def test_commands_are_sent_together_if_the_relay_offers_it() -> None:
    seen = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 hello\r\n")
        await reader.readline()
        writer.write(b"250-hello\r\n250 PIPELINING\r\n")
        await reader.readuntil(b"DATA\r\n")  # before any reply
        seen.set()
        writer.write(b"250 OK\r\n250 OK\r\n354 go ahead\r\n")
        await reader.readuntil(b"\r\n.\r\n")
        writer.write(b"250 OK\r\n")
        await reader.read()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        session = Session(Relay("127.0.0.1", server.sockets[0].getsockname()[1]))
        answer = await send(session)
        session.drop()
    assert (seen.is_set(), answer.verdict) == (True, Verdict.SENT)


@pytest.mark.parametrize(
    ("replies", "verdict"),
    [
        (["250 OK", "550 5.1.1 unknown", "354 go ahead"], Verdict.REFUSED),
        (["550 5.7.1 sender not allowed", "503 no", "354 go ahead"], Verdict.HELD_BACK),
        (["250 OK", "550 5.1.1 unknown"], Verdict.REFUSED),
        (["250 OK", "250 OK", "354 go ahead", "250 and more"], Verdict.POSTPONED),
        (["250 OK", "421 4.3.2 closing"], Verdict.NOT_SENT),
        (["250-OK"], Verdict.NOT_SENT),
        (["250 OK", "250 OK", "451 later"], Verdict.POSTPONED),
    ],
)
async def test_a_text_is_sent_only_after_every_reply_of_the_group(replies: list[str], verdict: Verdict) -> None:
    after: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 hello\r\n")
        await reader.readline()
        writer.write(b"250-hello\r\n250 PIPELINING\r\n")
        await reader.readuntil(b"DATA\r\n")
        writer.write("".join(f"{line}\r\n" for line in replies).encode())
        after.append(await reader.read())
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        session = Session(Relay("127.0.0.1", server.sockets[0].getsockname()[1]))
        answer, goes_on = await send(session), session.is_open
        session.drop()
        async with asyncio.timeout(5):
            while not after:
                await asyncio.sleep(0.01)
    assert (answer.verdict, after) == (verdict, [b""])
    assert goes_on == (replies[-1] == "451 later")


async def test_a_relay_that_does_not_answer_all_commands_gets_them_one_by_one() -> None:
    accepted: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Offers PIPELINING, and forgets everything but the first command of what comes together."""
        writer.write(b"220 hello\r\n")
        while data := await reader.read(65536):
            verb = data[:4]
            offers = b"250-hello\r\n250 PIPELINING\r\n"
            writer.write({b"EHLO": offers, b"DATA": b"354 go ahead\r\n"}.get(verb, b"250 OK\r\n"))
            if data.endswith(b"\r\n.\r\n"):
                accepted.append(data)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        session = Session(Relay("127.0.0.1", server.sockets[0].getsockname()[1]))
        verdicts = [(await send(session)).verdict for _ in range(2)]
        session.drop()
    assert (verdicts, len(accepted)) == ([Verdict.POSTPONED, Verdict.SENT], 1)
