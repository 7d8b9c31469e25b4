"""How the demo's people react to a message: open, click, score, choose a platform, write, unsubscribe, or do nothing."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from demo import texts
from models.commands import answers
from models.commands.activity import Actor
from models.commands.record_review import FoundReview, record_review
from models.commands.stop import restart, stop
from models.connection import Db
from models.rules.enums import ActorKind, StopReason
from models.rules.errors import Refusal

Act = Callable[[Db, datetime], Awaitable[object]]
_RESPONSE_RATES = (0.42, 0.36, 0.3, 0.25)
"""By step; most people who respond quickly respond to the first step."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A message in a person's inbox."""

    id: UUID
    step: int
    sent_at: datetime
    account_id: UUID
    location_id: UUID
    invitation_id: UUID
    name: str
    email: str
    platforms: list[str]


def reactions(sent: Sent, random: Random, staff: Actor) -> Iterator[tuple[datetime, Act]]:
    """The reactions to this message, each with its time."""
    seen = sent.sent_at + timedelta(minutes=random.lognormvariate(5, 1.2))
    key = sent.id
    if random.random() < 0.06:
        yield sent.sent_at + timedelta(seconds=20), lambda tx, at: answers.opened(tx, key, ActorKind.LIKELY_MACHINE, at)
        yield (
            sent.sent_at + timedelta(seconds=25),
            lambda tx, at: answers.clicked(tx, key, ActorKind.LIKELY_MACHINE, at),
        )
    if random.random() < 0.25:
        yield seen - timedelta(seconds=40), lambda tx, at: answers.opened(tx, key, ActorKind.UNKNOWN, at)
    if random.random() < _RESPONSE_RATES[min(sent.step, len(_RESPONSE_RATES)) - 1]:
        yield from _answers(sent, seen, random)
    elif random.random() < 0.03:
        yield seen, lambda tx, at: answers.unsubscribe(tx, key, at)
    elif random.random() < 0.05:
        yield from _staff(sent, seen, random, staff)


def _answers(sent: Sent, seen: datetime, random: Random) -> Iterator[tuple[datetime, Act]]:
    stars = random.choices((5, 4, 3, 2, 1), (52, 24, 10, 8, 6))[0]
    score = max(0, min(10, stars * 2 + random.choice((-1, 0, 0, 1))))
    key = sent.id
    yield seen, lambda tx, at: answers.clicked(tx, key, ActorKind.UNKNOWN, at)
    if random.random() < 0.06:
        return
    yield seen + timedelta(seconds=30), lambda tx, at: answers.score(tx, key, score, at)
    if random.random() < 0.14:
        note = texts.note(random)
        yield seen + timedelta(seconds=95), lambda tx, at: answers.note(tx, key, note, at)
    if sent.platforms and random.random() < 0.6:
        platform = random.choice(sent.platforms)
        yield seen + timedelta(seconds=50), lambda tx, at: answers.choose(tx, key, platform, at)
        if random.random() < 0.75:
            yield _review(sent, platform, stars, seen + timedelta(minutes=random.randint(3, 60)), random)


def _review(sent: Sent, platform: str, stars: int, written: datetime, random: Random) -> tuple[datetime, Act]:
    """A review, found by an integration some hours after it was written."""
    found = FoundReview(
        account_id=sent.account_id,
        location_id=sent.location_id,
        platform=platform,
        external_id=f"{platform}-{random.getrandbits(40):010x}",
        reviewer_name=sent.name or "A customer",
        reviewed_on=written,
        rating=float(stars),
        text=texts.review(random, stars),
        reply_url=f"https://reviews.example.com/{platform}/reply",
        email=sent.email,
    )
    return written + timedelta(hours=random.randint(1, 30)), lambda tx, at: record_review(tx, found, at)


def _staff(sent: Sent, seen: datetime, random: Random, staff: Actor) -> Iterator[tuple[datetime, Act]]:
    """Staff stops the invitation after a call; half of those stopped for other reasons are restarted a day later."""
    reason = random.choice(tuple(StopReason))
    yield seen, lambda tx, at: _unless_refused(stop(tx, sent.invitation_id, reason, staff, at))
    if reason is StopReason.OTHER and random.random() < 0.5:
        later = seen + timedelta(hours=20)
        yield later, lambda tx, at: _unless_refused(restart(tx, sent.invitation_id, staff, at))


async def _unless_refused(command: Awaitable[None]) -> None:
    """Ignores a refusal: the invitation may have ended in the meantime."""
    try:
        await command
    except Refusal:
        return
