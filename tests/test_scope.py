"""Checks on the source code: every read of a list takes a scope, and only permissions create scopes."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SCOPED = {"Scope", "Criteria", "Clients", "Sequence[Scope]", "Terms", "Sequence[Terms]"}
"""Types that limit a read to a scope; they are created only from a seat."""
OF_PARENTS = {
    "bulk_import_rows.count_row_errors": "the key of a bulk import in scope",
    "invitation_rows.of_customers": "keys of customers in scope",
    "invitation_rows.counts": "keys of customers in scope",
    "location_rows.country": "the key of a location in scope",
    "location_rows.platforms": "keys of locations in scope",
    "timeline.pages": "keys of customers or invitations in scope",
    "timeline.counts": "keys of customers or invitations in scope",
    "timeline.days": "keys of customers in scope",
    "timeline.recorded_after": "the key of a customer in scope",
    "timeline.recorded_last": "the key of a customer in scope",
    "message_rows.of_invitations": "keys of invitations in scope",
    "uploads.importable": "the account of a seat",
    "uploads.of_import": "the key of a bulk import in scope",
}
"""Reads of rows that belong to a row in scope, and what the caller passes to each."""


def parsed(package: str) -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted((ROOT / package).rglob("*.py")):
        yield path.relative_to(ROOT), ast.parse(path.read_text("utf-8"))


def called_names(tree: ast.AST) -> list[str]:
    """The name of every called function or method, without its prefix."""
    calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [
        one.attr if isinstance(one, ast.Attribute) else one.id
        for one in calls
        if isinstance(one, ast.Attribute | ast.Name)
    ]


def reads() -> Iterator[tuple[str, list[str]]]:
    """Every public read with its parameters' annotations."""
    for path, tree in parsed("models/reads"):
        for node in tree.body:
            if not isinstance(node, ast.AsyncFunctionDef) or node.name.startswith("_"):
                continue
            parameters = [ast.unparse(one.annotation) for one in node.args.args if one.annotation]
            if parameters and parameters[0] == "Reads":
                yield f"{path.stem}.{node.name}", parameters[1:]


def test_reads_take_a_scope_or_keys_of_rows_in_scope() -> None:
    unscoped = {name for name, parameters in reads() if not SCOPED & set(parameters)}
    assert {name for name in unscoped if not name.endswith(".by_ids")} == set(OF_PARENTS)


def test_rows_are_looked_up_by_key_only_in_resolvers_scope() -> None:
    callers = {
        str(path)
        for package in ("resolvers", "schema", "plaudit", "bulk_import", "pages", "delivery")
        for path, tree in parsed(package)
        if any(isinstance(node, ast.Attribute) and node.attr == "by_ids" for node in ast.walk(tree))
    }
    assert callers == {"resolvers/scope.py"}


def test_only_permissions_create_scopes() -> None:
    callers = {
        str(path)
        for package in ("resolvers", "schema", "plaudit", "bulk_import", "models", "permissions")
        for path, tree in parsed(package)
        if "Scope" in called_names(tree)
    }
    assert callers == {"permissions/scope.py"}


@pytest.mark.parametrize("package", ["resolvers", "schema"])
def test_resolvers_and_schema_do_not_query_the_database_directly(package: str) -> None:
    queries = {"rows", "row", "identity", "fetch", "fetch_one", "execute", "filter", "get_or_none", "get"}
    queries |= {"create", "bulk_create", "save", "delete"}
    found = {str(path): sorted(queries & set(called_names(tree))) for path, tree in parsed(package)}
    allowed = {
        "resolvers/live.py",
        "resolvers/nodes.py",
        "schema/calls.py",
        "schema/compiled.py",
        "schema/foresight.py",
        "schema/limits.py",
        "schema/operations.py",
        "schema/plans.py",
        "schema/root.py",
    }  # dict.get, LISTEN
    assert {path: names for path, names in found.items() if names and path not in allowed} == {}


@pytest.mark.parametrize(("package", "name"), [("models/rules", "Scope"), ("models/reads", "Clients")])
def test_scopes_have_no_default_values(package: str, name: str) -> None:
    """With a default of all locations or clients, a forgotten argument would show everything."""
    (scope,) = [
        node
        for _, tree in parsed(package)
        for node in tree.body
        if isinstance(node, ast.ClassDef) and node.name == name
    ]
    assert [ast.unparse(one) for one in scope.body if isinstance(one, ast.AnnAssign) and one.value is not None] == []
