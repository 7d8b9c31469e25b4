"""Limits on events per message or invitation, far above honest use, so that no loop fills the database; pure."""

from collections.abc import Mapping

from models.rules.enums import ActivityKind

OF_A_MESSAGE: Mapping[ActivityKind, int] = {
    ActivityKind.NPS_SUBMITTED: 20,
    ActivityKind.PLATFORM_CHOSEN: 20,
    ActivityKind.FEEDBACK_SUBMITTED: 10,
    ActivityKind.OPENED: 50,
    ActivityKind.LINK_CLICKED: 50,
}
"""What the holder of a message's links can add, by each kind of actor: a machine leaves the human's share alone."""
RESTARTS_OF_AN_INVITATION = 50
"""Stops need no bound of their own: each needs an invitation that was taken in or restarted, and a stop is never refused."""
