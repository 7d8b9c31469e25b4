"""Sends sign-in links by mail, which jobs ask for. They wait in no queue and cost no allowance."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from delivery.dkim import DkimKeys
from delivery.health import Health
from delivery.letter import address_header, header, one_line, plain_letter
from delivery.sign_in_links import SignInLinks
from delivery.smtp import Relay
from delivery.submit_alone import FINAL, submit_alone
from delivery.transport import Answer, Envelope, Verdict
from languages import choose
from models.clock import clock
from models.commands import sign_in_links, sign_in_requests
from models.commands.sign_in_links import LIFETIME, NewLink
from models.commands.sign_in_requests import Request
from models.connection import WORK, pool, transaction
from models.reads import sign_in_members
from models.reads.sign_in_members import SignInMember
from models.rules.privacy import without_addresses

NAME = "Plaudit"
"""The sender's name."""
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SignInWriter:
    """Writes the mails. Without a `sender` there are none."""

    links: SignInLinks
    sender: str | None
    keys: DkimKeys = field(default_factory=DkimKeys)

    def write(self, key: UUID, email: str, members: Sequence[tuple[SignInMember, str]], now: datetime) -> Envelope:
        """One mail with the link of each member who has this address, in the language of the first."""
        assert self.sender is not None
        language = choose([members[0][0].language])
        domain = self.sender.rpartition("@")[2]
        headers = [
            address_header("From", NAME, self.sender),
            address_header("To", "", email),
            header("Subject", language.sign_in.subject),
            header("Message-ID", f"<{key.hex}@{domain}>"),
            header("Auto-Submitted", "auto-generated"),
        ]
        says = language.sign_in
        links = [
            f"{says.open.format(name=one_line(one.name), accounts=one_line(one.accounts))}\n{self.links.address(token)}"
            for one, token in members
        ]
        once = says.once.format(minutes=int(LIFETIME.total_seconds() // 60))
        text = "\n\n".join([f"{language.mail.hello},", *links, once, says.ignore]) + "\n"
        return Envelope(self.sender, email, self.keys.sign(domain, plain_letter(headers, now, text), now))


@dataclass(frozen=True, slots=True)
class SendSignInMails:
    """The handler of the job. `except_issuer`: its members sign in there, and get no mail. `seconds` limits each try."""

    relay: Relay
    writer: SignInWriter
    health: Health = field(default_factory=Health)
    except_issuer: str | None = None
    seconds: float = 30.0

    async def send(self, key: str) -> None:
        request = await sign_in_requests.take(pool(WORK), UUID(hex=key), clock.now())
        if request is None:
            return
        members = await sign_in_members.of_address(pool(WORK), request.email, self.except_issuer)
        if members and self.writer.sender is None:
            log.error("sign-in mail %s was not sent; set PLAUDIT_SIGN_IN_FROM for this worker too", key)
        if members and self.writer.sender is not None:
            await _settle(request, await self._send(request, members))
        else:
            await sign_in_requests.finish(pool(WORK), request.id)

    async def _send(self, request: Request, members: Sequence[SignInMember]) -> Answer:
        with_tokens = [(one, self.writer.links.new_token()) for one in members]
        async with transaction(WORK) as tx:
            for one, token in with_tokens:
                link = NewLink(self.writer.links.token_hash(token), one.user_id, None, request.browser_hash)
                await sign_in_links.create(tx, link, clock.now())
        try:
            envelope = self.writer.write(request.id, request.email, with_tokens, clock.now())
        except ValueError as error:  # an address that is not ASCII
            return Answer(Verdict.REFUSED, str(error))
        return await submit_alone(self.relay, self.health, envelope, self.seconds)


async def _settle(request: Request, answer: Answer) -> None:
    again = None
    if answer.verdict is not Verdict.SENT and answer.verdict not in FINAL:
        again = sign_in_requests.next_try(request, clock.now())
    if again is None:
        await sign_in_requests.finish(pool(WORK), request.id)
    else:
        await sign_in_requests.postpone(pool(WORK), request.id, again)
    if answer.verdict is not Verdict.SENT:
        then = f"it is tried again at {again:%H:%M:%S} UTC" if again else "it is not tried again"
        reply = without_addresses(answer.reply)
        log.warning("sign-in mail %s was not sent; %s: %s", request.id.hex, then, reply)
