"""Tells machines from humans in requests for what a message links to: the review page, the unsubscribe page, the pixel."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from models.rules.enums import ActorKind

TOO_SOON = timedelta(seconds=1)
"""Requests this soon after sending come from scanners."""
AT_ONCE = timedelta(seconds=2)
"""Nobody opens the review page and the unsubscribe page within this time; scanners follow every link of a message."""


class Target(StrEnum):
    """What a message links to."""

    REVIEW = "REVIEW"
    UNSUBSCRIBE = "UNSUBSCRIBE"
    PIXEL = "PIXEL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A request, and what is known beside it. `headers`: pairs of name and value, in any order and case. `since_sent`: None
    if nobody knows when the message was sent. `beside`: what else of the message was requested within AT_ONCE.
    `answered`: whether something was submitted on the page afterwards."""

    target: Target = Target.REVIEW
    method: str = "GET"
    headers: Sequence[tuple[str, str]] = ()
    since_sent: timedelta | None = None
    beside: Collection[Target] = field(default=frozenset())
    answered: bool = False


def verdict(evidence: Evidence) -> ActorKind:
    """HUMAN with an answer, whatever the request looked like; LIKELY_MACHINE with any sign of one; otherwise UNKNOWN."""
    if evidence.answered and evidence.target is Target.REVIEW:
        return ActorKind.HUMAN
    soon = evidence.since_sent is not None and evidence.since_sent < TOO_SOON
    machine = (
        evidence.method.upper() == "HEAD"
        or soon
        or _is_prefetch(evidence.headers)
        or _is_machines(_values(evidence.headers, "user-agent"))
        or follows_all(evidence.target, evidence.beside)
    )
    return ActorKind.LIKELY_MACHINE if machine else ActorKind.UNKNOWN


def is_declared(headers: Iterable[tuple[str, str]]) -> bool:
    """Whether a request says itself that no person made it. It is then no evidence about other requests, which a person may
    have made."""
    return verdict(Evidence(target=Target.UNSUBSCRIBE, headers=list(headers))) is ActorKind.LIKELY_MACHINE


def follows_all(target: Target, beside: Collection[Target]) -> bool:
    """Whether both pages of the message were requested at once; the pixel alone can be shown a moment before a click."""
    return {Target.REVIEW, Target.UNSUBSCRIBE} <= {target, *beside}


def at_once(requests: Mapping[Target, Sequence[datetime]], target: Target, moment: datetime) -> set[Target]:
    """What else was requested within AT_ONCE of this moment."""
    return {
        other
        for other, moments in requests.items()
        if other is not target and any(abs(moment - one) <= AT_ONCE for one in moments)
    }


def _values(headers: Sequence[tuple[str, str]], *names: str) -> list[str]:
    return [value.strip().lower() for name, value in headers if name.lower() in names]


_PREFETCH = re.compile(r"\b(?:prefetch|prerender|preview)\b")


def _is_prefetch(headers: Sequence[tuple[str, str]]) -> bool:
    """Browsers announce what they load before, or without, anyone asking for it."""
    return any(_PREFETCH.search(value) for value in _values(headers, "sec-purpose", "purpose", "x-purpose", "x-moz"))


_BARE = "mozilla/5.0"
"""The whole user agent of Apple's mail privacy proxy. Gmail's prefetch ends with it."""
_GMAIL = "edge/12.246"
"""The browser of 2015 that Gmail's prefetch claims to be."""
_WORD = re.compile(r"[a-z0-9._-]+")
_ROBOT = re.compile(
    r"(?:^(?!cubot)[a-z0-9._-]*(?:bot|crawler|spider)\b)|\b(?!cubot/)[a-z0-9]+(?:bot|crawler|spider)/v?\d"
)
"""Robots call themselves so first, or with a version. Phones' names ("CUBOT ECHO", "M bot 60") have neither place."""
_ADDRESS = re.compile(r"https?://")
"""Crawlers say whom to complain to."""


def _is_machines(agents: Sequence[str]) -> bool:
    """Whether no user agent is given, or one of them (a proxy may add its own) is a machine's."""
    return not any(agents) or any(map(_is_machine, agents))


def _is_machine(agent: str) -> bool:
    words = _WORD.findall(agent)
    return (
        agent == _BARE
        or agent.endswith(f" {_BARE}")
        or _GMAIL in agent.split()
        or _ADDRESS.search(agent) is not None
        or _ROBOT.search(agent) is not None
        or not _FIRST.isdisjoint(words[:1])
        or not _ANYWHERE.isdisjoint(words)
    )


_MAIL = "googleimageproxy yahoomailproxy ms-office existence barracuda barracudacentral proofpoint mimecast safelinks"
"""Image proxies and scanners of mail systems. "Existence": how Office tries a link before the browser opens it."""
_PREVIEWS = """
googlebot google-inspectiontool adsbot-google mediapartners-google feedfetcher-google google-read-aloud bingbot bingpreview
skypeuripreview slackbot slackbot-linkexpanding slack-imgproxy facebookexternalhit facebookcatalog meta-externalagent
meta-externalfetcher telegrambot linkedinbot discordbot pinterestbot applebot yandexbot baiduspider duckduckbot petalbot
bytespider vkshare ia_archiver chrome-lighthouse
"""
"""Search engines, and what shows previews of links."""
_LIBRARIES = """
python-requests python-urllib python-httpx aiohttp scrapy okhttp node-fetch undici libwww-perl lwp-request lwp-trivial
apache-httpclient go-http-client guzzlehttp pycurl windowspowershell cfnetwork winhttp winhttprequest microsoft-cryptoapi
restsharp postmanruntime headlesschrome phantomjs puppeteer httrack
"""
"""What speaks HTTP for a program, and browsers without a screen."""
_ANYWHERE = frozenset(f"{_MAIL} {_PREVIEWS} {_LIBRARIES}".split())
"""Machines' names, as whole words: as parts of words they appear in names of phones, apps and places ("Scandinavia")."""
_ORDINARY = """
curl libcurl wget python java jakarta ruby php node got axios superagent dart faraday mechanize powershell dalvik insomnia httpie
reqwest hyper ktor-client whatsapp viber
"""
_FIRST = frozenset(_ORDINARY.split())
"""Machines' names that are ordinary words, or an app's too; a machine's user agent begins with them."""
