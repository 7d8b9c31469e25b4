"""When a location must stop sending because too many of its messages bounce or are reported as spam.

Receivers and providers act on both rates. Amazon SES puts accounts under review from 5 % bounces and 0.1 % complaints, and may
pause them from 10 % and 0.5 % (its "Sending review process FAQs"); Gmail and Yahoo ask senders to stay below 0.3 % complaints.
"""

from dataclasses import dataclass
from datetime import timedelta

from models.rules.enums import HoldReason

OVER = timedelta(days=7)
"""The days that are counted, up to now."""
FEWEST_BOUNCES, HIGHEST_BOUNCE_RATE = 10, 0.10
FEWEST_COMPLAINTS, HIGHEST_COMPLAINT_RATE = 3, 0.003
"""Below these numbers, a rate says nothing."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of the invitations of some days: how many were sent, bounced, and were reported as spam."""

    sent: int
    bounced: int
    complained: int


def verdict(count: Sent) -> HoldReason | None:
    """Why the location must not send, if it must not. Complaints weigh more than bounces, and are measured by what arrived."""
    if count.complained >= FEWEST_COMPLAINTS and count.complained > HIGHEST_COMPLAINT_RATE * count.sent:
        return HoldReason.COMPLAINT_RATE
    if count.bounced >= FEWEST_BOUNCES and count.bounced > HIGHEST_BOUNCE_RATE * (count.sent + count.bounced):
        return HoldReason.BOUNCE_RATE
    return None
