"""What takes a message, and what may become of it there."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Verdict(StrEnum):
    """DOWN: surely not handed over, and the fault is not the person's. HELD_BACK: the same, and it is the sender who is
    not taken: others go on. UNKNOWN: it may have gone."""

    SENT = "SENT"
    DEFERRED = "DEFERRED"
    REFUSED = "REFUSED"
    DOWN = "DOWN"
    HELD_BACK = "HELD_BACK"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class Answer:
    """The verdict and what the transport said."""

    verdict: Verdict
    reply: str


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who sends to whom, and the bytes that go out as they are."""

    sender: str
    recipient: str
    message: bytes


class Transport(Protocol):
    """Several connections, each for one message at a time."""

    connections: int

    async def send(self, envelope: Envelope) -> Answer: ...

    async def close(self) -> None: ...
