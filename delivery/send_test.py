"""Sends test messages, which jobs ask for, each on a connection of its own."""

import logging
from dataclasses import dataclass, field
from uuid import UUID

from delivery.fill import RenderError
from delivery.health import Health
from delivery.render import Writer
from delivery.smtp import Relay
from delivery.submit_alone import FINAL, submit_alone
from delivery.transport import Answer, Verdict
from models.clock import clock
from models.commands import send_test
from models.connection import WORK, pool
from models.rules.privacy import without_addresses

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SendTests:
    """The handler of the job. `seconds` limits each try, so that a silent relay does not keep other jobs waiting. While the
    worker's `health` says that the relay is down, none is made, so that no further login is refused."""

    relay: Relay
    writer: Writer
    health: Health = field(default_factory=Health)
    seconds: float = 30.0

    async def send(self, key: str) -> None:
        message_id = UUID(hex=key)
        taken = await send_test.take(pool(WORK), message_id, clock.now())
        if taken is None:
            return
        tries, draft = taken
        try:
            envelope = self.writer.write_test(draft, clock.now())
            answer = await submit_alone(self.relay, self.health, envelope, self.seconds)
        except (RenderError, ValueError) as error:
            answer = Answer(Verdict.REFUSED, str(error))
        await _settle(message_id, tries, answer)


async def _settle(key: UUID, tries: int, answer: Answer) -> None:
    now = clock.now()
    if answer.verdict is Verdict.SENT:
        await send_test.sent(pool(WORK), key, now)
        return
    again = None if answer.verdict in FINAL else send_test.next_try(tries, now)
    if again is not None:
        await send_test.postpone(pool(WORK), key, again)
    then = f"it is tried again at {again:%H:%M} UTC" if again else "it is not tried again"
    log.warning("test message %s was not sent; %s: %s", key.hex, then, without_addresses(answer.reply))
