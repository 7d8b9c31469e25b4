"""Every statement that writes a state is known by its place: a new one has to be thought about."""

import ast
import re
from pathlib import Path

import models

HOUSE = Path(models.__file__).parent.parent
ROOMS = ("models", "bulk_import", "delivery", "resolvers", "pages", "provisioning", "demo", "plaudit")
EXPECTED = {
    "bulk_import/start.py": ["a model"],
    "bulk_import/runner.py": ["bulk_import", "bulk_import"],
    "models/commands/moves.py": ["invitation", "message", "message", "message"],
    "models/commands/sending.py": ["message", "message"],
    "models/sql/import_invite.sql": ["invitation", "message"],
    "models/sql/invitation_add.sql": ["invitation"],
    "models/sql/messages_add.sql": ["message"],
    "models/sql/messages_claim.sql": ["message"],
    "models/sql/messages_reap.sql": ["message"],
    "models/sql/messages_settle.sql": ["message"],
    "models/sql/messages_stamp.sql": ["message"],
}
"""By place, the tables that are written; "a model": through the ORM, whatever it is."""

_TABLE = r"(invitation|message|bulk_import)\b"
_UPDATE = re.compile(rf"\bupdate\s+{_TABLE}[^;]*?\sset\s(.*?)(?:\bwhere\b|;|\"\"\"|\Z)", re.DOTALL | re.IGNORECASE)
_INSERT = re.compile(rf"\binsert\s+into\s+{_TABLE}\s*\((.*?)\)", re.DOTALL | re.IGNORECASE)
_STATE_SET = re.compile(r"(?<![\w.])state\s*=")
_STATE_NAMED = re.compile(r"(?<![\w.])state\b")


def by_statements(text: str) -> list[str]:
    updates = [found[1] for found in _UPDATE.finditer(text) if _STATE_SET.search(found[2])]
    return updates + [found[1] for found in _INSERT.finditer(text) if _STATE_NAMED.search(found[2])]


def by_models(text: str) -> list[str]:
    """Calls like `.create(state=...)` and `.update(state=...)`."""
    calls = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    writing = [
        call for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr in ("create", "update")
    ]
    return ["a model" for call in writing if any(keyword.arg == "state" for keyword in call.keywords)]


def written(path: Path) -> list[str]:
    text = path.read_text("utf-8")
    return sorted(by_statements(text) + (by_models(text) if path.suffix == ".py" else []))


def test_states_are_written_where_they_are_expected_to_be_and_nowhere_else() -> None:
    files = [path for room in ROOMS for ending in ("py", "sql") for path in (HOUSE / room).rglob(f"*.{ending}")]
    found = {path.relative_to(HOUSE).as_posix(): written(path) for path in files if "migrations" not in path.parts}
    assert {place: tables for place, tables in found.items() if tables} == EXPECTED
