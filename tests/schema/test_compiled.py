"""Compiled selections answer as graphql-core does, and are kept only within bounds."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
import strawberry
from graphql import DocumentNode, parse

from models.rules.enums import AccountKind, PlanTier, Role
from resolvers.context import Context, Shared
from resolvers.cursors import CursorBox
from resolvers.live import Live
from schema import compiled, documents, plans, root
from schema.compiled import Compiled, Doubt, Library, check_of
from schema.documents import MAX_CACHED, MAX_CACHED_DOCUMENT
from schema.pace import FIRST_FIELDS, Executor
from tests.schema import compiled_fuzz, wild_values
from tests.schema.compiled_fuzz import Case, Seen
from tests.schema.wild_values import Making

DOCUMENT = "{ onePageInfo { hasNextPage } }"
PARTS = 8


@pytest.mark.parametrize("part", range(PARTS))
async def test_compiled_selections_answer_random_documents_as_graphql_core_does(part: int) -> None:
    seen = Seen()
    for seed in range(part * 100, part * 100 + 100):
        await compiled_fuzz.compare(seed, seen)
    assert seen.documents > 90
    assert seen.compiled > 100


@pytest.mark.parametrize("part", range(2))
async def test_plans_answer_as_graphql_core_does_what_is_not_compiled(
    part: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plans, "compile_selection", lambda *_: None)
    seen = Seen()
    for seed in range(10_000 + part * 100, 10_000 + part * 100 + 100):
        await compiled_fuzz.compare(seed, seen)
    assert seen.planned > 50


async def test_an_object_of_another_type_with_a_record_is_read_by_its_own_attributes() -> None:
    await compiled_fuzz.compare(5_000_919, Seen())


@pytest.mark.parametrize("name", ["Agency", "Customer"])
def test_an_object_of_another_class_is_doubted(name: str) -> None:
    kind: Any = wild_values.schema().type_map[name]
    with pytest.raises(Doubt):
        check_of(kind)(SimpleNamespace(id="cus_1", record={}))


@strawberry.type
class Tree:
    branches: list["Tree"]


@strawberry.type
class Trees:
    tree: Tree


def test_objects_can_be_deeper_below_others_than_python_nests_loops(library: Library) -> None:
    schema: Any = strawberry.Schema(Trees)
    deep = 30
    document = parse("{ tree { " + "branches { " * deep + "__typename" + " }" * (deep + 2))
    library.add(document)
    tree = Tree(branches=[])
    for _ in range(deep):
        tree = Tree(branches=[tree])
    answers = []
    for _ in range(3):
        executor: Any = Executor.build(schema._schema, document, Trees(tree=tree), SimpleNamespace(seats={}))
        answers.append(executor.execute_operation().data)
    assert any(compiled_of(library, document))
    assert answers[0] == answers[1] == answers[2]


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> Library:
    made = Library()
    monkeypatch.setattr(compiled, "library", made)
    return made


def execute(document: DocumentNode, value: object = None) -> Any:
    """The data of a document that selects PageInfo."""
    given = value or SimpleNamespace(has_next_page=True)
    context = SimpleNamespace(seats={}, denied=set())
    executor: Any = Executor.build(wild_values.schema(), document, lambda _name: given, context)
    return executor.execute_operation().data


def compiled_of(library: Library, document: DocumentNode) -> list[Compiled | None]:
    return [*library.documents[id(document)].made.values()]


def test_a_document_is_compiled_when_it_is_executed_again(library: Library) -> None:
    document = parse(DOCUMENT)
    library.add(document)
    execute(document)
    assert compiled_of(library, document) == []
    assert execute(document) == {"onePageInfo": {"hasNextPage": True}}
    (selection,) = compiled_of(library, document)
    assert selection
    assert selection.size == 1


def test_a_document_that_is_not_cached_is_not_compiled(library: Library) -> None:
    document = parse(DOCUMENT)
    for _ in range(3):
        execute(document)
    assert library.documents == {}


def test_compiled_go_with_their_document(library: Library) -> None:
    document = parse(DOCUMENT)
    library.add(document)
    for _ in range(2):
        execute(document)
    library.drop(document)
    assert (library.documents, library.size) == ({}, 0)


def test_the_least_recently_used_selections_are_dropped_when_they_become_too_many(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiled, "MAX_VALUES", 5)
    first, second, third = [parse("{ onePageInfo { hasNextPage startCursor } }") for _ in range(3)]
    value = SimpleNamespace(has_next_page=True, start_cursor="c")
    for document in (first, second, third):
        library.add(document)
    for document in (first, second, first, third):
        for _ in range(2):
            execute(document, value)
    assert [len(compiled_of(library, one)) for one in (first, second, third)] == [1, 0, 1]
    assert library.size == 4


def test_documents_that_leave_the_cache_leave_the_library(library: Library) -> None:
    cache = documents._Cache()
    for number in range(3 * MAX_CACHED // MAX_CACHED_DOCUMENT):
        cache.add(number, parse(DOCUMENT), MAX_CACHED_DOCUMENT, compiling=True)
    assert len(library.documents) == len(cache.documents) == MAX_CACHED // MAX_CACHED_DOCUMENT


async def test_what_has_a_resolver_is_not_compiled(library: Library) -> None:
    document = parse("{ sureCustomerConnection { totalCount { value } } }")
    library.add(document)
    case = Case(Making("any", 0), Role.OWNER, PlanTier.FREE, AccountKind.BUSINESS, {})
    for _ in range(2):
        await case.answer(document)
    made = {kind: selection is not None for (kind, *_), selection in library.documents[id(document)].made.items()}
    assert made == {"CustomerConnection": False, "Count": True}


async def documents_to_compile(db: str, library: Library, text: str, *, compiling: bool = True) -> int:
    """How many cached documents are compiled when they are executed again, after this one was executed."""
    context = Context(Shared(CursorBox(("a secret",)), Live(db)))
    await root.build(compiling=compiling).execute(text, context_value=context)
    return sum(one.compiling for one in library.documents.values())


async def test_documents_are_kept_to_compile_them_unless_it_is_turned_off(db: str, library: Library) -> None:
    assert await documents_to_compile(db, library, "{ __typename }", compiling=False) == 0
    assert await documents_to_compile(db, library, "{ __typename }") == 1


async def test_long_documents_are_not_kept_to_compile_them(db: str, library: Library) -> None:
    assert await documents_to_compile(db, library, f"{{ __typename }} # {'long' * MAX_CACHED_DOCUMENT}") == 0


async def test_a_long_list_waits_for_its_turn(library: Library) -> None:
    """Other operations run before a compiled selection completes what is more than an operation may complete at once."""
    document = parse("{ allPageInfo { hasNextPage } }")
    library.add(document)
    values = [SimpleNamespace(has_next_page=True)] * 10
    for _ in range(2):
        execute(document, values)
    context = SimpleNamespace(seats={}, denied=set())
    executor: Any = Executor.build(wild_values.schema(), document, lambda _name: values, context)
    executor.pace.left = 0
    result = executor.execute_operation()
    assert asyncio.iscoroutine(result)
    assert len((await result).data["allPageInfo"]) == 10
    assert executor.pace.left < FIRST_FIELDS
