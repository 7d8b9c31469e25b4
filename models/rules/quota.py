"""Limits on events per message or invitation, far above normal use, so that no loop fills the database."""

from collections.abc import Mapping

from models.rules.enums import ActivityKind

OF_A_MESSAGE: Mapping[ActivityKind, int] = {
    ActivityKind.NPS_SUBMITTED: 20,
    ActivityKind.PLATFORM_CHOSEN: 20,
    ActivityKind.FEEDBACK_SUBMITTED: 10,
    ActivityKind.OPENED: 50,
    ActivityKind.LINK_CLICKED: 50,
}
"""Limits per message and kind of actor, so that machines do not use up the limit of humans."""
TESTS_OF_AN_ACCOUNT = 50
"""Test messages within a day."""
RESTARTS_OF_AN_INVITATION = 50
"""Limits stops too, which are never refused: each needs a new or restarted invitation."""
UNDOS_OF_AN_ADDRESS = 5
"""Limits unsubscribing by mistake, since each undo is kept."""
LINKS_OF_AN_ADDRESS = 5
"""Sign-in links by mail, within the 15 minutes for which each works."""
