"""Checks the DNS records of the domains that an installation sends from."""

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass

from delivery.dkim import DkimKey, read_keys
from models.rules.domain import ascii_domain
from plaudit import dns_records as records
from plaudit.dns_lookups import Lookups, UnansweredError
from plaudit.settings import Environment, Settings

MOST_DOMAINS = 100


@dataclass(frozen=True, slots=True)
class MailDomain:
    """What a domain is used for: as the sender of locations, for returned mail, and in signatures with a key of ours."""

    name: str
    sends: bool
    returns: bool
    key: DkimKey | None


@dataclass(frozen=True, slots=True)
class DnsState:
    """`complete`: how many domains have all the records they need. `unknown`: what could not be looked at."""

    complete: int
    wrong: Sequence[str]
    unknown: Sequence[str]


async def dns_state(settings: Settings, senders: Sequence[str], lookups: Lookups) -> DnsState:
    """`senders`: the domains of locations' senders, the most important first."""
    domains = mail_domains(settings, senders)
    looked_at, others = domains[:MOST_DOMAINS], domains[MOST_DOMAINS:]
    judged = await asyncio.gather(*(_judge(domain, lookups) for domain in looked_at))
    wrong = list(dict.fromkeys(sentence for found in judged for sentence in found or ()))
    unknown = [f"The DNS records of {len(others)} more domains were not looked at."] if others else []
    if lookups.unanswered and len(lookups.unanswered) == lookups.count:
        wrong.append(_nothing_answered(settings, lookups))
    elif lookups.unanswered:
        unknown.append(_partly_answered(lookups))
    return DnsState(sum(found == [] for found in judged), wrong, unknown)


def mail_domains(settings: Settings, senders: Sequence[str]) -> list[MailDomain]:
    """Names reserved for trials and documentation have no records, so only production, which must not use them, looks at
    them."""
    keys = read_keys(settings.dkim_keys).by_domain
    ours = [settings.sign_in_from.rpartition("@")[2]] if settings.sign_in_from else []
    sending = dict.fromkeys(filter(None, map(_valid, [*ours, *senders])))
    returning = settings.bounce_address.rpartition("@")[2] if settings.bounce_address else None
    return [
        MailDomain(name, name in sending, name == returning, keys.get(name))
        for name in dict.fromkeys([*filter(None, [returning]), *keys, *sending])
        if settings.env is Environment.PRODUCTION or not records.is_reserved(name)
    ]


def _valid(domain: str) -> str | None:
    try:
        return ascii_domain(domain)
    except ValueError:  # an address literal, for example
        return None


async def _judge(domain: MailDomain, lookups: Lookups) -> list[str] | None:
    """What is wrong; None if nothing is known to be, but not everything was answered."""
    found = await asyncio.gather(*(_said(look(domain, lookups)) for look in (_spf, _mx, _dmarc, _dkim)))
    wrong = [sentence for sentence in found if isinstance(sentence, str)]
    return wrong if wrong or not any(isinstance(one, UnansweredError) for one in found) else None


async def _said(look: Awaitable[str | None]) -> str | UnansweredError | None:
    try:
        return await look
    except UnansweredError as error:
        return error


async def _spf(domain: MailDomain, lookups: Lookups) -> str | None:
    answer = await lookups.txt(domain.name)
    if not answer.exists:
        return records.of_missing_domain(domain.name)
    return records.of_spf(domain.name, answer) if domain.sends or domain.returns else None


async def _mx(domain: MailDomain, lookups: Lookups) -> str | None:
    if not (domain.sends or domain.returns) or not await _exists(domain, lookups):
        return None
    return records.of_mx(domain.name, await lookups.mx(domain.name))


async def _dmarc(domain: MailDomain, lookups: Lookups) -> str | None:
    """DMARC is about the From address, and not about the return path."""
    if not domain.sends or not await _exists(domain, lookups):
        return None
    for place in records.dmarc_places(domain.name):
        answer = await lookups.txt(f"_dmarc.{place}")
        if records.dmarc_records(answer):
            return records.of_dmarc(domain.name, place, answer)
    return records.of_dmarc(domain.name, domain.name, records.Answer())


async def _dkim(domain: MailDomain, lookups: Lookups) -> str | None:
    if not domain.key or not await _exists(domain, lookups):
        return None
    return records.of_dkim(domain.key, await lookups.txt(domain.key.record_name))


async def _exists(domain: MailDomain, lookups: Lookups) -> bool:
    """The lookup is that of `_spf`, which says if it does not."""
    return (await lookups.txt(domain.name)).exists


def _nothing_answered(settings: Settings, lookups: Lookups) -> str:
    why = next(iter(lookups.unanswered.values()))
    where = f"the resolver {settings.dns}" if settings.dns else "the system's resolver"
    correct = "correct PLAUDIT_RESOLVER" if settings.dns else "correct the system's, or set PLAUDIT_RESOLVER"
    return f"DNS could not be asked ({where}: {why}); {correct}."


def _partly_answered(lookups: Lookups) -> str:
    what, why = next(iter(lookups.unanswered.items()))
    number = len(lookups.unanswered)
    return f"DNS could not be asked about {number} of {lookups.count} records (for example {what}: {why}); run plaudit check again."
