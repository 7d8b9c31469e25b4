"""Sends messages to an SMTP relay (RFC 5321) on reused connections, reply by reply, to know whether a message may have been sent.

aiosmtplib connects, starts TLS and logs in; from then on, `delivery/dialogue.py` speaks, which can have several commands under way.
"""

import asyncio
import re
import time
from contextlib import suppress
from dataclasses import dataclass

import aiosmtplib
from aiosmtplib import SMTPResponse

from delivery.dialogue import Dialogue
from delivery.replies import About, Phase, about
from delivery.transport import Answer, Envelope, Verdict

MAX_MESSAGES = 100
"""Relays typically limit the messages on one connection to about this."""
LONGEST_IDLE = 30.0
COMMAND_SECONDS, DATA_SECONDS, QUIT_SECONDS = 60.0, 300.0, 5.0
ONE_BY_ONE_SECONDS = 600.0
LONGEST_REPLY = 500
# Checked here too, since the library's lenient parser could let another recipient in.
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,190}")
_LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)
LOST = (aiosmtplib.SMTPException, OSError)
"""What connecting, and waiting for a reply, can raise."""
_VERDICTS = {
    About.SESSION: Verdict.NOT_SENT,
    About.RELAY: Verdict.DOWN,
    About.SENDER: Verdict.REJECTED,
    About.TEXT: Verdict.POSTPONED,
    About.POLICY: Verdict.POSTPONED,
    About.MESSAGE: Verdict.DEFERRED,
    About.PERSON: Verdict.REFUSED,
}


@dataclass(frozen=True, slots=True)
class Relay:
    """A relay and its credentials. `tls` is required (from the first byte), starttls (or it counts as down) or none."""

    host: str
    port: int
    tls: str = "none"
    username: str | None = None
    password: str | None = None


class Habits:
    """What was found out about a relay, by any connection: one that offers PIPELINING and does not answer all commands gets them
    one by one for a while."""

    def __init__(self) -> None:
        self._one_by_one_until = 0.0

    @property
    def pipelines(self) -> bool:
        return time.monotonic() > self._one_by_one_until

    def reads_one_by_one(self) -> None:
        self._one_by_one_until = time.monotonic() + ONE_BY_ONE_SECONDS


class Session:
    """One connection to the relay at a time, replaced when it is too old or its state is unknown."""

    def __init__(self, relay: Relay, habits: Habits | None = None) -> None:
        self.relay, self.habits = relay, habits or Habits()
        self.dialogue: Dialogue | None = None
        self.extensions: frozenset[str] = frozenset()
        """What the relay offers."""
        self.phase: Phase | None = None
        self.abandoned = False
        self.in_transaction = False
        """The relay has a transaction that was refused halfway, which is reset before the next message, not before this
        one's outcome is known."""
        self.sent = 0
        self.used = 0.0

    @property
    def is_open(self) -> bool:
        return self.dialogue is not None and self.dialogue.is_open

    @property
    def is_fresh(self) -> bool:
        return self.sent < MAX_MESSAGES and time.monotonic() - self.used < LONGEST_IDLE

    @property
    def is_ready(self) -> bool:
        """Whether the next message can be sent as the connection is."""
        return self.is_open and self.is_fresh and not self.in_transaction

    async def ready(self) -> None:
        """Connects if there is no fresh connection. Raises one of LOST."""
        if self.is_open and not self.is_fresh:
            await self.quit()
        if self.is_open and self.in_transaction:
            await self._reset()
        if not self.is_open:
            self.dialogue = await self._connect()
            self.sent = 0
        self.in_transaction = False
        self.used = time.monotonic()

    async def _connect(self) -> Dialogue:
        relay = self.relay
        client = aiosmtplib.SMTP(
            hostname=relay.host,
            port=relay.port,
            use_tls=relay.tls == "required",
            start_tls=relay.tls == "starttls",
            timeout=COMMAND_SECONDS,
        )
        try:
            await client.connect()
            if relay.username:
                await client.login(relay.username, relay.password or "")
            else:
                await client.ehlo()
            assert isinstance(client.transport, asyncio.Transport)
        except BaseException:
            client.close()
            raise
        self.extensions = frozenset(client.esmtp_extensions)
        return Dialogue(client.transport)

    async def submit(self, envelope: Envelope) -> Answer:
        """Sends a message at most once; `ready` must have succeeded."""
        if not _ADDRESS.fullmatch(envelope.recipient):
            return Answer(Verdict.REFUSED, "501 invalid address")
        if not _ADDRESS.fullmatch(envelope.sender):
            return Answer(Verdict.HELD_BACK, "501 invalid address of the sender")
        try:
            return await self._commands(envelope) or await self._body(envelope.message)
        except BaseException:
            self.drop()
            raise
        finally:
            self.phase, self.used = None, time.monotonic()

    async def _commands(self, envelope: Envelope) -> Answer | None:
        """Everything before the text, at once if the relay offers PIPELINING. Returns None to go on with the text; otherwise the
        message was not sent."""
        dialogue, commands, answer = self.dialogue, self._written(envelope), None
        assert dialogue is not None
        together = "pipelining" in self.extensions and self.habits.pipelines
        self.phase = Phase.MAIL
        try:
            if together:
                dialogue.send(b"".join(commands.values()))
            for self.phase, command in commands.items():
                if not together:
                    dialogue.send(command)
                reply = await dialogue.reply(COMMAND_SECONDS)
                if answer is None:
                    answer = self._judge(reply)
                elif reply.code // 100 == 3:  # it would take whatever follows for the text
                    self.drop()
                if answer is not None and not (together and self.is_open):
                    return answer
        except LOST as error:
            if together and isinstance(error, TimeoutError):
                self.habits.reads_one_by_one()
            self.drop()
            return answer or Answer(self._lost_verdict, _words(error))
        return answer

    def _written(self, envelope: Envelope) -> dict[Phase, bytes]:
        size = b" SIZE=%d" % len(envelope.message) if "size" in self.extensions else b""
        return {
            Phase.MAIL: b"MAIL FROM:<%s>%s\r\n" % (envelope.sender.encode(), size),
            Phase.RCPT: b"RCPT TO:<%s>\r\n" % envelope.recipient.encode(),
            Phase.DATA: b"DATA\r\n",
        }

    def _judge(self, reply: SMTPResponse) -> Answer | None:
        """None if the relay agrees to the command of this phase."""
        assert self.phase is not None
        if 400 <= reply.code < 600:
            return self._refused(self.phase, reply)
        if reply.code // 10 != (35 if self.phase is Phase.DATA else 25):
            self.drop()
            return Answer(self._lost_verdict, _text(reply))
        return None

    @property
    def _lost_verdict(self) -> Verdict:
        """At MAIL, an idle connection may have been closed; later, it can be this recipient at whom the relay hangs up."""
        return Verdict.NOT_SENT if self.abandoned or self.phase is Phase.MAIL else Verdict.POSTPONED

    def _refused(self, phase: Phase, reply: SMTPResponse) -> Answer:
        found = about(phase, reply.code, reply.message)
        verdict = _VERDICTS[found]
        if phase is Phase.MAIL and found in (About.SENDER, About.POLICY):
            verdict = Verdict.HELD_BACK
        if verdict in (Verdict.NOT_SENT, Verdict.DOWN):
            self.drop()
        elif phase is not Phase.MAIL:
            self.in_transaction = True
        return Answer(verdict, _text(reply))

    async def _body(self, message: bytes) -> Answer:
        """From the first byte of the text on, the message may have been sent unless the relay says that it was not."""
        dialogue = self.dialogue
        try:
            if dialogue is None:
                raise aiosmtplib.SMTPServerDisconnected("the connection ended before the text")
            dialogue.send(_LEADING_DOT.sub(b"..", message) + b".\r\n")
        except LOST as error:  # raised only if nothing was written
            self.drop()
            return Answer(self._lost_verdict, _words(error))
        self.phase = Phase.BODY
        self.sent += 1
        try:
            reply = await dialogue.reply(DATA_SECONDS)
        except LOST as error:
            self.drop()
            return Answer(Verdict.UNKNOWN, _words(error))
        if 200 <= reply.code < 300:
            return Answer(Verdict.SENT, _text(reply))
        if not 400 <= reply.code < 600:
            self.drop()
            return Answer(Verdict.UNKNOWN, _text(reply))
        return self._rejected_text(reply)

    def _rejected_text(self, reply: SMTPResponse) -> Answer:
        found = about(Phase.BODY, reply.code, reply.message)
        if found is About.SESSION:
            self.drop()
        return Answer(_VERDICTS[About.POLICY if found is About.SESSION else found], _text(reply))

    async def _reset(self) -> None:
        try:
            await self._ask(b"RSET\r\n", COMMAND_SECONDS)
        except LOST:
            self.drop()

    def abandon(self) -> None:
        """Ends a transaction whose text has not been sent: its message is NOT_SENT."""
        if self.phase is not Phase.BODY:
            self.abandoned = True
            self.drop()

    def drop(self) -> None:
        if self.dialogue is not None:
            self.dialogue.close()
        self.dialogue = None

    async def refuses_mail(self) -> str | None:
        """The relay's reply if it lets us send nothing, as without a login that it demands. Raises one of LOST."""
        reply = await self._ask(b"MAIL FROM:<>\r\n", COMMAND_SECONDS)
        self.in_transaction = reply.code < 400
        return _text(reply) if reply.code >= 400 else None

    async def quit(self) -> None:
        if self.is_open:
            with suppress(*LOST):
                await self._ask(b"QUIT\r\n", QUIT_SECONDS)
        self.drop()

    async def _ask(self, command: bytes, seconds: float) -> SMTPResponse:
        if self.dialogue is None:
            raise aiosmtplib.SMTPServerDisconnected("the connection ended")
        self.dialogue.send(command)
        return await self.dialogue.reply(seconds)


def _text(reply: SMTPResponse) -> str:
    return f"{reply.code} {reply.message}"[:LONGEST_REPLY]


def _words(error: BaseException) -> str:
    """Instead of a reply."""
    return "No reply in time" if isinstance(error, TimeoutError) else "The connection ended"
