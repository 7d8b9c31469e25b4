"""Tells machines from humans in requests for tracking pixels and pages."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from models.rules.enums import ActorKind

AT_ONCE = timedelta(seconds=1)
"""Opens and clicks this soon after sending come from scanners."""
_MACHINES = re.compile(
    r"GoogleImageProxy|YahooMailProxy|bot\b|crawl|spider|scan|preview|proofpoint|barracuda|mimecast|safelinks|"
    r"slack|whatsapp|telegram|facebookexternalhit|curl|wget|python|java/|go-http|headless",
    re.IGNORECASE,
)
_PURPOSES = ("sec-purpose", "purpose", "x-purpose", "x-moz")
"""Headers in which browsers announce a prefetch."""
_BARE = "Mozilla/5.0"
"""The whole user agent of Apple's mail privacy proxy."""


def actor_of(headers: Mapping[str, str], sent_at: datetime | None, now: datetime) -> ActorKind:
    """LIKELY_MACHINE, or UNKNOWN until something is submitted on the page. Names of `headers` are in lower case."""
    agent = headers.get("user-agent", "").strip()
    if any("prefetch" in headers.get(name, "").lower() for name in _PURPOSES):
        return ActorKind.LIKELY_MACHINE
    if not agent or agent == _BARE or _MACHINES.search(agent):
        return ActorKind.LIKELY_MACHINE
    if sent_at is not None and now - sent_at < AT_ONCE:
        return ActorKind.LIKELY_MACHINE
    return ActorKind.UNKNOWN
