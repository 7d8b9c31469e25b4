"""Tables of allowed state transitions for invitations, messages and bulk imports."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from models.rules.enums import BulkImportState, InvitationState, MessageState

_I = InvitationState
_M = MessageState
_B = BulkImportState

OPEN: frozenset[InvitationState] = frozenset({_I.QUEUED, _I.ACTIVE, _I.HELD, _I.STOPPED})
"""Invitations that have not ended."""
GOING: frozenset[InvitationState] = frozenset({_I.QUEUED, _I.ACTIVE})
"""Invitations whose messages are sent when due."""
UNSENT: frozenset[MessageState] = frozenset({_M.SCHEDULED, _M.CLAIMED, _M.DEFERRED, _M.PAUSED})
"""Messages that can still be sent and are not stamped."""
PENDING: frozenset[MessageState] = UNSENT | {_M.SENDING}
"""Messages without a final outcome."""
GONE: frozenset[MessageState] = frozenset({_M.SENT, _M.DELIVERED, _M.BOUNCED, _M.UNKNOWN})
"""Messages that a transport accepted, or may have accepted."""


class Move(StrEnum):
    """What can happen to an invitation."""

    FIRST_SENT = "FIRST_SENT"
    HOLD = "HOLD"
    RELEASE = "RELEASE"
    STOP = "STOP"
    RESTART = "RESTART"
    COMPLETE = "COMPLETE"
    SUPPRESS = "SUPPRESS"
    FAIL = "FAIL"
    CANCEL = "CANCEL"


@dataclass(frozen=True, slots=True)
class Transition:
    """From any of `sources` to `sent` if a message was sent, otherwise to `unsent`."""

    sources: frozenset[InvitationState]
    unsent: InvitationState
    sent: InvitationState


def _to(state: InvitationState, *sources: InvitationState) -> Transition:
    return Transition(frozenset(sources), state, state)


INVITATION: Mapping[Move, Transition] = {
    Move.FIRST_SENT: _to(_I.ACTIVE, _I.QUEUED),
    Move.HOLD: _to(_I.HELD, *GOING),
    Move.RELEASE: Transition(frozenset({_I.HELD}), _I.QUEUED, _I.ACTIVE),
    Move.STOP: _to(_I.STOPPED, *GOING, _I.HELD),
    Move.RESTART: Transition(frozenset({_I.STOPPED}), _I.QUEUED, _I.ACTIVE),
    Move.COMPLETE: _to(_I.COMPLETED, *OPEN),
    Move.SUPPRESS: _to(_I.SUPPRESSED, *OPEN),
    Move.FAIL: _to(_I.FAILED, *GOING),
    Move.CANCEL: Transition(OPEN, _I.CANCELLED, _I.COMPLETED),
}


class ImpossibleMoveError(Exception):
    """The table does not allow the move."""


def next_state(state: InvitationState, move: Move, *, sent: bool) -> InvitationState:
    """The state the move leads to. `sent`: whether a message of the invitation was sent."""
    row = INVITATION[move]
    if state not in row.sources:
        raise ImpossibleMoveError(f"{state} does not {move}")
    return row.sent if sent else row.unsent


def sources(move: Move) -> list[str]:
    """The states that allow the move, as a statement parameter."""
    return sorted(INVITATION[move].sources)


MESSAGE: Mapping[MessageState, frozenset[MessageState]] = {
    _M.SCHEDULED: frozenset({_M.CLAIMED, _M.PAUSED, _M.SKIPPED, _M.CANCELLED, _M.SENT}),
    _M.CLAIMED: frozenset({_M.SCHEDULED, _M.SENDING, _M.PAUSED, _M.SKIPPED, _M.CANCELLED, _M.FAILED, _M.SENT}),
    _M.SENDING: frozenset({_M.SENT, _M.DEFERRED, _M.FAILED, _M.UNKNOWN, _M.SCHEDULED}),
    _M.DEFERRED: frozenset({_M.CLAIMED, _M.PAUSED, _M.SKIPPED, _M.CANCELLED, _M.SENT}),
    _M.PAUSED: frozenset({_M.SCHEDULED, _M.SKIPPED, _M.CANCELLED, _M.SENT}),
    _M.SENT: frozenset({_M.DELIVERED, _M.BOUNCED}),
    _M.DELIVERED: frozenset({_M.BOUNCED}),
    _M.UNKNOWN: frozenset({_M.SENT, _M.FAILED, _M.DEFERRED, _M.SCHEDULED}),
    _M.BOUNCED: frozenset(),
    _M.FAILED: frozenset(),
    _M.SKIPPED: frozenset(),
    _M.CANCELLED: frozenset(),
}
"""SENDING returns to SCHEDULED only if the relay was lost before the message was handed over (or to PAUSED, if the
invitation was stopped meanwhile). UNKNOWN ends only with evidence, such as a reply of the relay after the lease. What waits to
be sent again becomes SENT if one of its links is used, which proves that it had left."""

BULK_IMPORT: Mapping[BulkImportState, frozenset[BulkImportState]] = {
    _B.QUEUED: frozenset({_B.RUNNING, _B.FAILED, _B.PAUSED, _B.CANCELLED}),
    _B.RUNNING: frozenset({_B.COMPLETED, _B.VALIDATED, _B.FAILED, _B.PAUSED, _B.CANCELLED}),
    _B.PAUSED: frozenset({_B.RUNNING, _B.COMPLETED, _B.CANCELLED}),
    _B.VALIDATED: frozenset({_B.QUEUED, _B.CANCELLED}),
    _B.COMPLETED: frozenset({_B.PAUSED, _B.CANCELLED}),
    _B.CANCELLED: frozenset(),
    _B.FAILED: frozenset(),
}
"""COMPLETED: every row has its verdict; messages may be sent for days yet, so it can still be paused and cancelled."""
CLAIMABLE: frozenset[BulkImportState] = frozenset({_B.QUEUED, _B.RUNNING})
"""Imports that a worker may take; those that are RUNNING, from one that was lost."""


def message_sources(state: MessageState, *among: MessageState) -> list[str]:
    """The states, optionally limited to `among`, from which a message can move to this one, as a statement parameter."""
    return sorted(source for source, targets in MESSAGE.items() if state in targets and source in (among or MESSAGE))


def import_sources(state: BulkImportState, *among: BulkImportState) -> list[str]:
    """Like `message_sources`, for bulk imports."""
    return sorted(
        source for source, targets in BULK_IMPORT.items() if state in targets and source in (among or BULK_IMPORT)
    )
