"""State transitions: the code against tables written independently from the design."""

import itertools

import pytest

from models.rules.enums import BulkImportState, InvitationState, MessageState
from models.rules.lifecycle import (
    GOING,
    GONE,
    OPEN,
    PENDING,
    UNSENT,
    ImpossibleMoveError,
    Move,
    import_sources,
    message_sources,
    next_state,
    sources,
)

INVITATIONS = """
    FIRST_SENT   QUEUED                       ACTIVE      ACTIVE
    HOLD         QUEUED ACTIVE                HELD        HELD
    RELEASE      HELD                         QUEUED      ACTIVE
    STOP         QUEUED ACTIVE HELD           STOPPED     STOPPED
    RESTART      STOPPED                      QUEUED      ACTIVE
    COMPLETE     QUEUED ACTIVE HELD STOPPED   COMPLETED   COMPLETED
    SUPPRESS     QUEUED ACTIVE HELD STOPPED   SUPPRESSED  SUPPRESSED
    FAIL         QUEUED ACTIVE                FAILED      FAILED
    CANCEL       QUEUED ACTIVE HELD STOPPED   CANCELLED   COMPLETED
"""
"""A move, the states it can start from, and the state it leads to before and after the first message is sent."""

MESSAGES = """
    SCHEDULED  CLAIMED PAUSED SKIPPED CANCELLED SENT
    CLAIMED    SCHEDULED SENDING PAUSED SKIPPED CANCELLED FAILED SENT
    SENDING    SENT DEFERRED FAILED UNKNOWN SCHEDULED
    DEFERRED   CLAIMED PAUSED SKIPPED CANCELLED SENT
    PAUSED     SCHEDULED SKIPPED CANCELLED SENT
    SENT       DELIVERED BOUNCED
    DELIVERED  BOUNCED
    UNKNOWN    SENT FAILED DEFERRED SCHEDULED
"""
"""A state and the states that can follow it; states not listed are final."""

IMPORTS = """
    QUEUED     RUNNING FAILED PAUSED CANCELLED
    RUNNING    COMPLETED VALIDATED FAILED PAUSED CANCELLED
    PAUSED     RUNNING COMPLETED CANCELLED
    VALIDATED  QUEUED CANCELLED
    COMPLETED  PAUSED CANCELLED
"""


def expected_moves() -> dict[tuple[Move, InvitationState, bool], InvitationState]:
    found = {}
    for line in INVITATIONS.split("\n")[1:-1]:
        move, *starts, unsent, sent = line.split()
        for start in starts:
            found[Move(move), InvitationState(start), False] = InvitationState(unsent)
            found[Move(move), InvitationState(start), True] = InvitationState(sent)
    return found


def expected_pairs(table: str) -> set[tuple[str, str]]:
    """Pairs of a state and the next one."""
    lines = [line.split() for line in table.split("\n")[1:-1]]
    return {(first, after) for first, *rest in lines for after in rest}


MOVES = list(itertools.product(Move, InvitationState, [False, True]))


@pytest.mark.parametrize(("move", "state", "sent"), MOVES)
def test_moves_match_the_design(move: Move, state: InvitationState, sent: bool) -> None:
    expected = expected_moves().get((move, state, sent))
    assert (str(state) in sources(move)) is (expected is not None)
    if expected is None:
        with pytest.raises(ImpossibleMoveError):
            next_state(state, move, sent=sent)
    else:
        assert next_state(state, move, sent=sent) is expected


@pytest.mark.parametrize("after", MessageState)
def test_transitions_of_messages_match_the_design(after: MessageState) -> None:
    expected = sorted(first for first, to in expected_pairs(MESSAGES) if to == after)
    assert message_sources(after) == expected
    for state in MessageState:
        assert message_sources(after, state) == [one for one in expected if one == state]


@pytest.mark.parametrize("after", BulkImportState)
def test_transitions_of_imports_match_the_design(after: BulkImportState) -> None:
    expected = sorted(first for first, to in expected_pairs(IMPORTS) if to == after)
    assert import_sources(after) == expected
    for state in BulkImportState:
        assert import_sources(after, state) == [one for one in expected if one == state]


def test_groups_of_states_match_the_design() -> None:
    assert {"QUEUED", "ACTIVE", "HELD", "STOPPED"} == OPEN
    assert {"QUEUED", "ACTIVE"} == GOING
    assert {"SCHEDULED", "CLAIMED", "DEFERRED", "PAUSED"} == UNSENT
    assert {"SCHEDULED", "CLAIMED", "DEFERRED", "PAUSED", "SENDING"} == PENDING
    assert {"SENT", "DELIVERED", "BOUNCED", "UNKNOWN"} == GONE
