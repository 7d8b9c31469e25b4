"""docs/limits.md has the values of the code."""

from pathlib import Path

from bulk_import.uploads import FILES_PER_DAY, MAX_AT_ONCE, MAX_AT_ONCE_OF_USER
from models.connection import SEARCH
from models.rules.enums import ActivityKind
from models.rules.quota import LINKS_OF_AN_ADDRESS, OF_A_MESSAGE, RESTARTS_OF_AN_INVITATION, TESTS_OF_AN_ACCOUNT
from plaudit import report_access
from plaudit.connections import MAX_HEAD
from plaudit.database import POOLS
from plaudit.edge import MAX_ANSWER_BYTES, MAX_BYTES
from plaudit.graphql import MAX_STREAMS, MAX_SUBSCRIPTIONS
from plaudit.sign_in import MAILS_OF_A_PEER
from plaudit.sign_in_provider import RETURNS_OF_A_PEER
from resolvers.concurrency import MAX_RUNNING, MAX_WAIT_SECONDS, MAX_WAITING
from resolvers.context import Shared
from resolvers.progress import MAX_PER_SECOND
from schema.documents import MAX_COMPARISONS, MAX_ERRORS, MAX_LINES, MAX_TOKENS
from schema.limits import LIMITS
from schema.pace import FIELDS_PER_TURN, FIRST_FIELDS
from schema.pace import MAX_ERRORS as MAX_FAILED

PAGE = Path(__file__).parents[1] / "docs/limits.md"


def test_every_value_matches_the_code() -> None:
    rows = [line.split(" | ")[:2] for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| ")]
    values = [value for _, value in rows if value not in ("value", "---")]
    assert values == [
        f"{MAX_HEAD:,}",
        f"{MAX_BYTES:,}",
        f"{MAX_LINES:,}",
        f"{MAX_TOKENS:,}",
        f"{LIMITS.fields:,}",
        f"{LIMITS.depth}",
        f"{LIMITS.aliases}",
        f"{LIMITS.directives}",
        f"{LIMITS.values:,}",
        f"{MAX_COMPARISONS:,} comparisons",
        f"{MAX_ERRORS}",
        f"{MAX_RUNNING}; {MAX_WAITING} more wait, up to {MAX_WAIT_SECONDS:.0f} seconds",
        f"{Shared.__dataclass_fields__['max_operation_seconds'].default:.0f}",
        f"{FIRST_FIELDS:,} at first, then {FIELDS_PER_TURN:,}",
        f"{MAX_FAILED}",
        f"{MAX_ANSWER_BYTES:,}",
        f"{MAX_SUBSCRIPTIONS}",
        f"{MAX_STREAMS}",
        f"{MAX_PER_SECOND}; the latest state, and always the last one",
        f"one after another, {POOLS[SEARCH]['statement_timeout'].removesuffix('s')} second each",
        f"{MAX_AT_ONCE_OF_USER} per user, {MAX_AT_ONCE} in all",
        f"{FILES_PER_DAY} times the plan's file size",
        f"{report_access.MAX_AT_ONCE}",
        f"{MAILS_OF_A_PEER}",
        f"{RETURNS_OF_A_PEER}",
        "a quarter of the connections",
        *(
            f"{OF_A_MESSAGE[kind]}"
            for kind in (
                ActivityKind.NPS_SUBMITTED,
                ActivityKind.FEEDBACK_SUBMITTED,
                ActivityKind.PLATFORM_CHOSEN,
                ActivityKind.OPENED,
                ActivityKind.LINK_CLICKED,
            )
        ),
        f"{RESTARTS_OF_AN_INVITATION}",
        f"{TESTS_OF_AN_ACCOUNT}",
        f"{LINKS_OF_AN_ADDRESS}",
    ]
