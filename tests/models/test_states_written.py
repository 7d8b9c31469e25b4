"""Every statement that writes a state is listed here, so that a new one is reviewed."""

import ast
import re
from pathlib import Path

import models

ROOT = Path(models.__file__).parent.parent
PACKAGES = ("models", "bulk_import", "delivery", "resolvers", "pages", "provisioning", "demo", "plaudit")
EXPECTED = {
    "bulk_import/start.py": ["a model"],
    "bulk_import/runner.py": ["bulk_import", "bulk_import"],
    "models/commands/import_control.py": ["a model"],
    "models/commands/intake_rows.py": ["invitation", "message"],
    "models/commands/moves.py": ["invitation", "message", "message", "message"],
    "models/commands/sending.py": ["message", "message"],
    "models/sql/messages_claim.sql": ["message"],
    "models/sql/messages_reap.sql": ["message"],
    "models/sql/messages_settle.sql": ["message"],
    "models/sql/messages_stamp.sql": ["message"],
}
"""The tables whose state each file writes; "a model" is any table through the ORM."""

_TABLE = r"(invitation|message|bulk_import)\b"
_UPDATE = re.compile(rf"\bupdate\s+{_TABLE}[^;]*?\sset\s(.*?)(?:\bwhere\b|;|\"\"\"|\Z)", re.DOTALL | re.IGNORECASE)
_INSERT = re.compile(rf"\binsert\s+into\s+{_TABLE}\s*\((.*?)\)", re.DOTALL | re.IGNORECASE)
_ROWS = re.compile(rf"\badd_rows\(\w+, \"{_TABLE}\"", re.IGNORECASE)
_STATE_SET = re.compile(r"(?<![\w.])state\s*=")
_STATE_NAMED = re.compile(r"(?<![\w.])state\b")


def in_statements(text: str) -> list[str]:
    updates = [found[1] for found in _UPDATE.finditer(text) if _STATE_SET.search(found[2])]
    added = [found[1] for found in _ROWS.finditer(text)]
    return updates + added + [found[1] for found in _INSERT.finditer(text) if _STATE_NAMED.search(found[2])]


def in_orm_calls(text: str) -> list[str]:
    """Calls like `.create(state=...)` and `.update(state=...)`."""
    calls = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    writing = [
        call for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr in ("create", "update")
    ]
    return ["a model" for call in writing if any(keyword.arg == "state" for keyword in call.keywords)]


def written(path: Path) -> list[str]:
    text = path.read_text("utf-8")
    return sorted(in_statements(text) + (in_orm_calls(text) if path.suffix == ".py" else []))


def test_states_are_written_only_where_expected() -> None:
    files = [path for package in PACKAGES for suffix in ("py", "sql") for path in (ROOT / package).rglob(f"*.{suffix}")]
    found = {path.relative_to(ROOT).as_posix(): written(path) for path in files if "migrations" not in path.parts}
    assert {file: tables for file, tables in found.items() if tables} == EXPECTED
