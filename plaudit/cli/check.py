"""`plaudit check`: what is wrong with this installation."""

import sys
from collections.abc import Sequence

from delivery.health import RefusedError
from delivery.smtp import LOST, Session
from models.clock import clock
from models.connection import WORK, pool
from models.reads import delivery_state, sender_domains
from models.reads.delivery_state import MOST_DUE, DeliveryState, RelayState
from plaudit import diagnosis
from plaudit.database import opened
from plaudit.dns_check import dns_state
from plaudit.dns_lookups import Lookups
from plaudit.oidc import ProviderDownError
from plaudit.readiness import check as check_database
from plaudit.settings import Settings, load
from plaudit.sign_in_provider import provider_of
from plaudit.worker import relay_of

_REMEDIES = {
    "SENDER_INCOMPLETE": "add what its sender lacks with plaudit apply",
    "TRANSPORT_QUIET": "they are tried again by themselves, or at once with releaseLocation; allow the sender in the relay",
    "BOUNCE_RATE": "too many bounced; check where its addresses come from, then use releaseLocation",
    "COMPLAINT_RATE": "too many were reported as spam; check whom it invites, then use releaseLocation",
}


async def check() -> None:
    """Check the settings, database, mail relay, workers, delivery, DNS and sign-in provider; exit with 1 if something is wrong."""
    settings = load()
    async with opened(settings.database_url, pooler=settings.pooler):
        _, unusable = await check_database(settings, (WORK,))
        of_database = [unusable] if unusable else await _database()
        senders = [] if unusable else await sender_domains.of_all(pool(WORK))
        of_mail = [*await _relay(settings), *await _dns(settings, senders)]
        problems = [*of_database, *of_mail, *await _provider(settings)]
    for problem in problems:
        print(f"wrong  {problem}")
    sys.exit(1 if problems else 0)


def _fine(text: str) -> None:
    print(f"ok     {text}")


async def _database() -> Sequence[str]:
    _fine("the database is reachable and migrated")
    state = await delivery_state.of_all(pool(WORK), clock.now())
    return [*_workers(state), *_delivery(state)]


def _workers(state: DeliveryState) -> Sequence[str]:
    if not state.has_worker:
        return ["No worker has been active in the last minute, so nothing is sent. Start one: plaudit worker"]
    _fine("a worker is active")
    return []


def _delivery(state: DeliveryState) -> Sequence[str]:
    due = _number(state.due)
    since = f", the oldest since {state.oldest_due_at:%Y-%m-%d %H:%M} UTC" if state.oldest_due_at else ""
    _fine(f"{due} messages due{since}")
    wrong = [
        f"Messages of {lane.place} wait since {lane.since:%Y-%m-%d %H:%M} UTC: {lane.reason}"
        + (f" ({lane.reply})" if lane.reply else "")
        + f"; {_REMEDIES[lane.reason]}"
        for lane in state.held
    ]
    if state.overdue:
        late = _number(state.overdue)
        wrong.append(
            f"{late} invitations are held as OVERDUE; members release them with releaseLocation or releaseInvitation"
        )
    if state.relay is RelayState.DOWN:
        wrong.append(f"The workers cannot use the mail relay: {state.reply}")
    return wrong


def _number(counted: int) -> str:
    return f"at least {counted}" if counted == MOST_DUE else str(counted)


async def _relay(settings: Settings) -> Sequence[str]:
    session = Session(relay_of(settings))
    try:
        await session.ready()
        refusal = await session.refuses_mail()
    except LOST as error:
        return [diagnosis.of_relay(error, settings.relay)]
    await session.quit()
    if refusal:
        return [diagnosis.of_relay(RefusedError(refusal), settings.relay)]
    _fine(f"the mail relay {settings.relay} accepts connections")
    return []


async def _dns(settings: Settings, senders: Sequence[str]) -> Sequence[str]:
    state = await dns_state(settings, senders, Lookups(settings.dns))
    if state.complete:
        _fine(f"DNS has all records of {state.complete} {'domain' if state.complete == 1 else 'domains'}")
    for sentence in state.unknown:
        print(f"note   {sentence}")
    return state.wrong


async def _provider(settings: Settings) -> Sequence[str]:
    provider = provider_of(settings)
    if provider is None:
        return []
    try:
        await provider.check()
    except ProviderDownError as error:
        return [f"Nobody can sign in at {settings.oidc_issuer}: {error}"]
    _fine(f"members can sign in at {settings.oidc_issuer}")
    return []
