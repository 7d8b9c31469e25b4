"""Sends one message on a connection of its own, for what waits in no queue."""

import asyncio

from delivery.health import Health
from delivery.smtp import LOST, Relay, Session
from delivery.transport import Answer, Envelope, Verdict

FINAL = frozenset({Verdict.UNKNOWN, Verdict.REFUSED})
"""After these a message is not tried again: it may have been sent, or the address does not exist."""


async def submit_alone(relay: Relay, health: Health, envelope: Envelope, seconds: float) -> Answer:
    """`seconds` limits connecting and sending, each. While `health` says that the relay is down, nothing is tried, so that no
    further login is refused."""
    if health.is_down:
        return Answer(Verdict.DOWN, str(health.error or "the relay has not been reached yet"))
    session = Session(relay)
    try:
        async with asyncio.timeout(seconds):
            await session.ready()
    except LOST as error:  # including TimeoutError
        return Answer(Verdict.DOWN, f"{type(error).__name__}: {error}")
    try:
        async with asyncio.timeout(seconds):
            answer = await session.submit(envelope)
    except TimeoutError:
        return Answer(Verdict.UNKNOWN, "no reply in time")
    await session.quit()
    return answer
