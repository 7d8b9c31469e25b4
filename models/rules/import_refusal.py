"""Why an import's state does not allow what was asked, and what can be done instead."""

from collections.abc import Mapping

from models.rules.enums import BulkImportState
from models.rules.errors import Invalid

_INSTEAD: Mapping[BulkImportState, str] = {
    BulkImportState.QUEUED: "pause or cancel it, or wait until it has ended",
    BulkImportState.RUNNING: "pause or cancel it, or wait until it has ended",
    BulkImportState.PAUSED: "resume or cancel it",
    BulkImportState.VALIDATED: "start or cancel it",
    BulkImportState.COMPLETED: "start it with another channel; while messages are left to send, it can be paused or cancelled",
    BulkImportState.CANCELLED: "to invite the rest, import the file again",
    BulkImportState.FAILED: "correct what its error says, then import the list again",
}


def import_refusal(state: BulkImportState, what: str) -> Invalid:
    """`what`: what cannot be done, such as "paused"."""
    return Invalid(f"This import is {state}, so it cannot be {what}; {_INSTEAD[state]}.", ["bulkImportId"])


def nothing_left(what: str) -> Invalid:
    """For a COMPLETED import that has sent everything."""
    return Invalid(
        f"This import has sent everything, so it cannot be {what}; start it with another channel, or import another list.",
        ["bulkImportId"],
    )
