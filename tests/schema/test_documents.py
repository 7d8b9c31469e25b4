"""Limits on parsing and validation: slow documents are refused, and the number of errors is limited."""

from typing import Any

import pytest
from graphql import GraphQLError

from resolvers.context import Context, Shared
from resolvers.cursors import CursorBox
from resolvers.live import Live
from schema import root
from schema.documents import MAX_CACHED_DOCUMENT, MAX_ERRORS, MAX_LINES, too_many_lines

SCHEMA = root.build()


async def errors_of(document: str) -> list[GraphQLError]:
    """The errors of a document that is refused before execution."""
    context = Context(Shared(CursorBox(("a secret",)), Live("nowhere")))
    answer: Any = await SCHEMA.execute(document, context_value=context)
    assert answer.data is None
    return list(answer.errors)


def fragments(number: int, body: str) -> str:
    return " ".join(f"fragment F{n} on Account {{ {body} }}" for n in range(number))


SLOW = [
    "{ account { " + "name " * 950 + "} }",
    "{ account { " + "usage { allowance } " * 490 + "} }",
    "{ account { " + " ".join("customers { edges { node { location { id } } } }" for _ in range(140)) + " } }",
    "{ account { " + "a: name a: plan " * 330 + "} }",
    "{ account { " + " ".join(f"...F{n}" for n in range(180)) + " } } " + fragments(180, "name"),
    '{ node(id: "x") { '
    + " ".join("... on Customer { x: id } ... on Invitation { x: id }" for _ in range(110))
    + " } }",
    f"{{ account {{ {' '.join('x' * 90 + str(n) for n in range(900))} }} }}",
    "query (" + " ".join(f"$v{n}: ID" for n in range(490)) + ") { viewer { id } }",
    '{ account { customers(filter: {search: "'
    + "x" * 50_000
    + '" '
    + "search: 1 " * 500
    + "}) { edges { cursor } } } }",
]


@pytest.mark.parametrize("document", SLOW, ids=range(len(SLOW)))
async def test_slow_documents_are_refused_with_few_errors(document: str) -> None:
    errors = await errors_of(document)
    assert len(errors) <= MAX_ERRORS + 1


async def test_comparing_fields_of_the_same_name_has_a_budget() -> None:
    errors = await errors_of("{ account { " + "name " * 950 + "} }")
    assert [error.extensions for error in errors] == [{"code": "QUERY_TOO_COSTLY"}]
    assert "select each field once" in errors[0].message


@pytest.mark.parametrize("padding", [0, MAX_CACHED_DOCUMENT])
async def test_documents_are_validated_whether_cached_or_not(padding: int) -> None:
    (error,) = await errors_of("{ nothing } #" + "x" * padding)
    assert "nothing" in error.message


async def test_documents_over_the_limits_are_not_validated() -> None:
    (error,) = await errors_of("{ " + "nothing " * 1_100 + "}")
    assert error.extensions == {"code": "QUERY_TOO_COSTLY"}


@pytest.mark.parametrize("end", ["\n", "\r"])
def test_number_of_lines_is_limited(end: str) -> None:
    assert too_many_lines("x" + end * (MAX_LINES - 1)) is None
    assert too_many_lines("x" + end * MAX_LINES) is not None
