"""The interface of what takes messages, and what can become of them."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Verdict(StrEnum):
    """REFUSED and DEFERRED are about the recipient. DOWN: the relay could not be used. HELD_BACK: the relay refuses the
    sender; other senders continue. UNKNOWN: the message may have been sent."""

    SENT = "SENT"
    DEFERRED = "DEFERRED"
    REFUSED = "REFUSED"
    DOWN = "DOWN"
    HELD_BACK = "HELD_BACK"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class Answer:
    """The verdict, and the transport's reply."""

    verdict: Verdict
    reply: str


@dataclass(frozen=True, slots=True)
class Envelope:
    """Sender, recipient, and the bytes to send."""

    sender: str
    recipient: str
    message: bytes


class Transport(Protocol):
    """Several connections, each for one message at a time."""

    connections: int

    async def send(self, envelope: Envelope) -> Answer: ...

    async def close(self) -> None: ...
