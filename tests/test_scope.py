"""No read can forget its scope: held by the shape of the code, not by care."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

HOUSE = Path(__file__).parent.parent
SCOPED = {"Scope", "Criteria", "Clients", "Sequence[Scope]", "Sequence[Terms]"}
"""What a read of a list takes; made from a seat alone."""
OF_PARENTS = {
    "bulk_import_rows.row_errors": "the key of a bulk import in scope",
    "bulk_import_rows.number_of_row_errors": "the key of a bulk import in scope",
    "invitation_rows.of_customers": "keys of customers in scope",
    "invitation_rows.numbers": "keys of customers in scope",
    "location_rows.country": "the key of a location in scope",
    "location_rows.platforms": "keys of locations in scope",
    "timeline.pages": "keys of customers or invitations in scope",
    "timeline.numbers": "keys of customers or invitations in scope",
    "timeline.days": "keys of customers in scope",
    "timeline.messages": "keys of invitations in scope",
    "uploads.importable": "the account of a seat",
}
"""Reads of what hangs on a row that was found in scope: by name, what they are given."""


def parsed(room: str) -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted((HOUSE / room).rglob("*.py")):
        yield path.relative_to(HOUSE), ast.parse(path.read_text("utf-8"))


def called(tree: ast.AST) -> list[str]:
    """The last name of everything that is called."""
    calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [
        one.attr if isinstance(one, ast.Attribute) else one.id
        for one in calls
        if isinstance(one, ast.Attribute | ast.Name)
    ]


def reads() -> Iterator[tuple[str, list[str]]]:
    """Every public read, with the annotations of what it takes."""
    for path, tree in parsed("models/reads"):
        for node in tree.body:
            if not isinstance(node, ast.AsyncFunctionDef) or node.name.startswith("_"):
                continue
            taken = [ast.unparse(one.annotation) for one in node.args.args if one.annotation]
            if taken and taken[0] == "Reads":
                yield f"{path.stem}.{node.name}", taken[1:]


def test_a_read_takes_a_scope_or_the_keys_of_rows_in_scope() -> None:
    unscoped = {name for name, taken in reads() if not SCOPED & set(taken)}
    assert {name for name in unscoped if not name.endswith(".by_ids")} == set(OF_PARENTS)


def test_rows_are_found_by_key_in_one_place_alone() -> None:
    finding = {
        str(path)
        for room in ("resolvers", "schema", "plaudit", "bulk_import", "pages", "delivery")
        for path, tree in parsed(room)
        if any(isinstance(node, ast.Attribute) and node.attr == "by_ids" for node in ast.walk(tree))
    }
    assert finding == {"resolvers/scope.py"}


def test_only_permissions_make_a_scope() -> None:
    making = {
        str(path)
        for room in ("resolvers", "schema", "plaudit", "bulk_import", "models", "permissions")
        for path, tree in parsed(room)
        if "Scope" in called(tree)
    }
    assert making == {"permissions/scope.py"}


@pytest.mark.parametrize("room", ["resolvers", "schema"])
def test_resolvers_and_schema_ask_the_database_nothing_themselves(room: str) -> None:
    asking = {"rows", "row", "identity", "fetch", "fetch_one", "execute", "filter", "get_or_none", "get"}
    found = {str(path): sorted(asking & set(called(tree))) for path, tree in parsed(room)}
    allowed = {
        "resolvers/live.py",
        "resolvers/nodes.py",
        "schema/limits.py",
        "schema/root.py",
    }  # `get` of a dictionary, LISTEN
    assert {path: names for path, names in found.items() if names and path not in allowed} == {}


def test_a_scope_says_which_locations_it_has() -> None:
    """A default that stands for all would let a forgotten argument show everything."""
    (scope,) = [
        node
        for _, tree in parsed("models/rules")
        for node in tree.body
        if isinstance(node, ast.ClassDef) and node.name == "Scope"
    ]
    assert [ast.unparse(one) for one in scope.body if isinstance(one, ast.AnnAssign) and one.value is not None] == []
