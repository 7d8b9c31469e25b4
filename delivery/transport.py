"""What is handed to a transport, and what can become of it."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """What became of a message. SENT. UNKNOWN: it may have been sent. DEFERRED: later. REFUSED: this person cannot be reached.
    HELD_BACK: the relay accepts no message of this sender now, and did not look at this one. REJECTED: the relay rejects this
    message because of the sender, its quota or its reputation, and would reject others too. POSTPONED: not now, by a policy, for
    a fault of the relay or ours, or for an unknown reason. NOT_SENT: the connection ended before anything was decided. DOWN: the
    relay cannot be used."""

    SENT = "SENT"
    UNKNOWN = "UNKNOWN"
    DEFERRED = "DEFERRED"
    REFUSED = "REFUSED"
    HELD_BACK = "HELD_BACK"
    REJECTED = "REJECTED"
    POSTPONED = "POSTPONED"
    NOT_SENT = "NOT_SENT"
    DOWN = "DOWN"


@dataclass(frozen=True, slots=True)
class Answer:
    """The verdict, and the relay's reply, or the error's type if there is none."""

    verdict: Verdict
    reply: str


@dataclass(frozen=True, slots=True)
class Envelope:
    """Sender, recipient, and the bytes to send."""

    sender: str
    recipient: str
    message: bytes
