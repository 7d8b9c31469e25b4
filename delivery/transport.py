"""The interface of what takes messages, and what can become of them."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Verdict(StrEnum):
    """DOWN: not handed over, and not because of the recipient. HELD_BACK: the same, because the sender is refused;
    other senders continue. UNKNOWN: it may have been sent."""

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
