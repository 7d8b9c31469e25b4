"""Human or not: what a request for a picture or a page tells of who made it; pure."""

import re
from datetime import datetime, timedelta

from models.rules.enums import ActorKind

AT_ONCE = timedelta(seconds=1)
"""Nobody opens or clicks so soon after the sending; scanners do."""
_MACHINES = re.compile(
    r"GoogleImageProxy|YahooMailProxy|bot\b|crawl|spider|scan|preview|proofpoint|barracuda|mimecast|safelinks|"
    r"slack|whatsapp|telegram|facebookexternalhit|curl|wget|python|java/|go-http|headless",
    re.IGNORECASE,
)
_BARE = "Mozilla/5.0"
"""Apple's mail privacy proxy says no more than this."""


def actor_of(user_agent: str | None, sent_at: datetime | None, now: datetime) -> ActorKind:
    """LIKELY_MACHINE, or UNKNOWN until something is sent from the page."""
    agent = (user_agent or "").strip()
    if not agent or agent == _BARE or _MACHINES.search(agent):
        return ActorKind.LIKELY_MACHINE
    if sent_at is not None and now - sent_at < AT_ONCE:
        return ActorKind.LIKELY_MACHINE
    return ActorKind.UNKNOWN
