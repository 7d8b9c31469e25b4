"""Whether a human or a machine made a request for a picture or a page."""

import re
from datetime import datetime, timedelta

from models.rules.enums import ActorKind

AT_ONCE = timedelta(seconds=1)
"""Nobody opens or clicks so soon after sending; scanners do."""
_MACHINES = re.compile(
    r"GoogleImageProxy|YahooMailProxy|bot\b|crawl|spider|scan|preview|proofpoint|barracuda|mimecast|safelinks|"
    r"slack|whatsapp|telegram|facebookexternalhit|curl|wget|python|java/|go-http|headless",
    re.IGNORECASE,
)
_BARE = "Mozilla/5.0"
"""The whole user agent of Apple's mail privacy proxy."""


def actor_of(user_agent: str | None, sent_at: datetime | None, now: datetime) -> ActorKind:
    """LIKELY_MACHINE, or UNKNOWN until the person submits something on the page."""
    agent = (user_agent or "").strip()
    if not agent or agent == _BARE or _MACHINES.search(agent):
        return ActorKind.LIKELY_MACHINE
    if sent_at is not None and now - sent_at < AT_ONCE:
        return ActorKind.LIKELY_MACHINE
    return ActorKind.UNKNOWN
