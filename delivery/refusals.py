"""Senders that the relay refuses: their other messages are not tried for a moment, and the log says why, once."""

import asyncio
import logging

from delivery.transport import Answer, Verdict
from models.commands.sending import ClaimedMessage
from models.rules.privacy import without_addresses

REFUSED_SECONDS = 5.0
"""For this long after the relay refused a sender, its other messages in the queue are returned; their lane waits too."""
log = logging.getLogger(__name__)


class Refusals:
    """The senders that a relay refused."""

    def __init__(self) -> None:
        self._until: dict[str, float] = {}
        self._told: dict[str, str] = {}
        """By sender: the code that was logged."""

    def is_recent(self, message: ClaimedMessage) -> bool:
        """Whether the relay has just refused this message's sender."""
        return self._until.get(message.sender.email, 0) > asyncio.get_running_loop().time()

    def note(self, message: ClaimedMessage, answer: Answer, *, refused: bool) -> None:
        if refused:
            self._until[message.sender.email] = asyncio.get_running_loop().time() + REFUSED_SECONDS
            self._tell(message, answer)
        elif answer.verdict is Verdict.SENT:
            self._told.pop(message.sender.email, None)

    def _tell(self, message: ClaimedMessage, answer: Answer) -> None:
        """Once for each code, until the relay accepts the sender."""
        sender, code = message.sender.email, answer.reply[:9]
        if self._told.get(sender) != code:
            self._told[sender] = code
            words = without_addresses(answer.reply)
            log.warning("message %s: the relay refuses its sender: %s", message.id.hex, words)
