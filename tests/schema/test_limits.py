"""The extent of an operation equals that of the expanded document, and its limits are enforced."""

from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest
from graphql import DocumentNode, build_schema, get_introspection_query, parse, validate
from hypothesis import given, settings
from hypothesis import strategies as st

from schema import root
from schema.compiled import library
from schema.limits import DEFAULT_LIST, LIMITS, MANY, MAX_EXTENTS, Extent, ExtentLimit, limit_error, measure

SCHEMA_OF_PLAUDIT = root.build()
SCHEMA = build_schema("""
schema { query: T }
type T {
  leaf: Int  leaves: [Int]  one: T  plain: [T!]!
  sliced(first: Int, last: Int): [T]  by(ids: [ID!]): [T]  page(first: Int): Page
}
type Page { edges: [Edge!]!  pageInfo: T }
type Edge { node: T }
""")
VARIABLES = {"seven": 7, "three": ["x", "y", "z"], "nothing": None}
OBJECTS = [
    ("one", 1),
    ("plain", DEFAULT_LIST),
    ("sliced", 25),
    ("sliced(first: 3)", 3),
    ("sliced(last: $seven)", 7),
    ("sliced(first: $nothing)", 25),
    ("sliced(first: $unset)", 25),
    ("sliced(first: $preset)", 4),
    ("sliced(first: 5000)", 100),
    ("sliced(first: 99999999999999999999)", 100),
    ("sliced(first: 0)", 1),
    ('by(ids: ["a", "b"])', 2),
    ("by(ids: $three)", 3),
]
"""Fields with a selection, and the number of objects each counts as."""


@dataclass
class Part:
    """A selection: a field with `size` objects, an inline fragment (not a field) or a fragment spread."""

    text: str
    size: int = 1
    is_field: bool = True
    alias: bool = False
    directives: int = 0
    inside: list["Part"] = field(default_factory=list)
    fragment: int | None = None

    def __str__(self) -> str:
        inside = f" {{ {' '.join(map(str, self.inside))} }}" if self.inside else ""
        return f"{'x: ' if self.alias else ''}{self.text}{' @include(if: true)' * self.directives}{inside}"


def leaves(spreads: int) -> st.SearchStrategy[Part]:
    names = st.sampled_from(["leaf", "leaves", "__typename"])
    fields = st.builds(Part, names, alias=st.booleans(), directives=st.integers(0, 2))
    if not spreads:
        return fields
    spread = st.integers(0, spreads - 1).map(lambda one: Part(f"...F{one}", is_field=False, fragment=one))
    return fields | spread


def parts(spreads: int) -> st.SearchStrategy[list[Part]]:
    def around(inner: st.SearchStrategy[Part]) -> st.SearchStrategy[Part]:
        some = st.lists(inner, min_size=1, max_size=3)
        flags = {"alias": st.booleans(), "directives": st.integers(0, 2)}
        objects = st.sampled_from(OBJECTS).flatmap(
            lambda one: st.builds(Part, st.just(one[0]), st.just(one[1]), inside=some, **flags)
        )
        inline = st.builds(
            Part,
            st.sampled_from(["...", "... on T"]),
            is_field=st.just(False),
            directives=st.integers(0, 1),
            inside=some,
        )
        return objects | inline | some.map(_page)

    return st.lists(st.recursive(leaves(spreads), around, max_leaves=6), min_size=1, max_size=3)


def _page(inside: list[Part]) -> Part:
    """A connection: its argument determines the size, and the list in it adds nothing."""
    return Part("page(first: 6)", 6, inside=[Part("edges", inside=[Part("node", inside=inside)]), Part("pageInfo")])


@st.composite
def documents(draw: st.DrawFn) -> list[list[Part]]:
    """An operation, and fragments that can each spread the earlier ones."""
    fragments = [draw(parts(number)) for number in range(draw(st.integers(0, 4)))]
    return [draw(parts(len(fragments))), *fragments]


def written(operation: list[Part], fragments: list[list[Part]]) -> str:
    variables = "$seven: Int, $three: [ID!], $nothing: Int, $unset: Int, $preset: Int = 4"
    bodies = [f"fragment F{n} on T {{ {' '.join(map(str, body))} }}" for n, body in enumerate(fragments)]
    return f"query Q({variables}) {{ {' '.join(map(str, operation))} }} {' '.join(bodies)}"


def expanded(body: list[Part], fragments: list[list[Part]], depth: int = 0, times: int = 1) -> list[Extent]:
    """The extent of each selection, once for every time it is reached."""
    found = []
    for part in body:
        found.append(Extent(directives=part.directives))
        if part.fragment is not None:
            found += expanded(fragments[part.fragment], fragments, depth, times)
        else:
            if part.is_field:
                found.append(Extent(1, depth + 1, part.alias, 0, times))
            found += expanded(part.inside, fragments, depth + part.is_field, times * part.size)
    return found


@settings(max_examples=60, deadline=None, database=None)
@given(documents())
def test_extent_equals_that_of_the_expanded_document(document: list[list[Part]]) -> None:
    operation, *fragments = document
    every = expanded(operation, fragments)
    whole = Extent(
        sum(one.fields for one in every),
        max(one.depth for one in every),
        sum(one.aliases for one in every),
        sum(one.directives for one in every),
        min(sum(one.values for one in every), MANY),
    )
    assert measure(SCHEMA, parse(written(operation, fragments)), "Q", VARIABLES) == whole


def fan_out(levels: int) -> str:
    """A document in which each fragment spreads the previous one twice."""
    bodies = ["fragment F0 on T { leaf }"]
    bodies += [
        f"fragment F{n} on T {{ a: one {{ ...F{n - 1} }} b: one {{ ...F{n - 1} }} }}" for n in range(1, levels + 1)
    ]
    return f"{{ ...F{levels} }} {' '.join(bodies)}"


def test_fan_out_fragments_are_counted_without_expanding_them() -> None:
    assert measure(SCHEMA, parse(fan_out(20))) == Extent(3 * 2**20 - 2, 21, 2**21 - 2, 0, 3 * 2**20 - 2)
    assert measure(SCHEMA, parse(fan_out(200))) == Extent(MANY, 201, MANY, 0, MANY)


@pytest.mark.parametrize(
    "document",
    [
        "{ ...A } fragment A on T { one { ...B } } fragment B on T { one { ...A } }",
        "{ leaf ...A } fragment A on T { ...A }",
        "query One { leaf } query Two { leaf }",
        "fragment A on T { leaf }",
    ],
)
def test_invalid_documents_have_no_extent(document: str) -> None:
    assert measure(SCHEMA, parse(document)) == Extent()


def test_unknown_field_counts_once() -> None:
    assert measure(SCHEMA, parse("{ nothing { leaf } ... on Nothing { leaf } leaf { leaf } }")).values == 5


def test_only_the_requested_operation_is_counted() -> None:
    document = parse("query One { leaf } query Two { leaf leaves }")
    assert measure(SCHEMA, document, "Two").fields == 2


@pytest.mark.parametrize(
    ("extent", "words"),
    [
        (Extent(fields=1_001), "selects 1,001 fields once its fragments are expanded; the limit is 1,000."),
        (Extent(depth=21), "is 21 levels deep"),
        (Extent(aliases=101), "has 101 aliases"),
        (Extent(directives=101), "has 101 directives"),
        (Extent(values=MANY), "can return more than 1,000,000,000 values"),
    ],
)
def test_limit_error_states_the_count_and_the_limit(extent: Extent, words: str) -> None:
    refused = limit_error(extent)
    assert refused is not None
    assert words in refused.message
    assert refused.extensions == {"code": "QUERY_TOO_COSTLY"}


def test_extent_at_the_limits_is_allowed() -> None:
    assert limit_error(LIMITS) is None


PAGE = """
query Page($first: Int) { account { id name kind plan timeZone
  can { stopInvitation { ...C } restartInvitation { ...C } bulkImport { ...C } inviteCustomer { ...C }
    buyMore { ...C } seeTotalInvited { ...C } }
  usage { totalInvited allowance reserved remaining invitedThisCycle buyMoreUrl } funnel { ...F }
  locations { edges { node { ...L } } }
  customers(first: $first) { totalCount { value exact } pageInfo { ...I } edges { cursor node {
    id location { ...L } firstName lastName email phone source invitedOn npsScore rating
    invitation { id state stateReason stateChangedAt channels invitedOn employee service source importName nextMessageAt
      canStop { ...C } canRestart { ...C } bulkImport { id name } messages { id step channel state dueAt sentAt } }
    linkedReview { id reviewerName reviewedOn npsScore rating platform { ...P } text sentiment replyUrl }
    activity(first: 25) { totalCount pageInfo { ...I } edges { cursor node {
      id kind occurredAt channel platform { ...P } npsScore feedback actor actorKind } } } } } } } }
fragment C on Capability { allowed code reason requiredRoles requiredPlans }
fragment F on InvitationFunnel {
  invited delivered opened clicked platformChosen npsSubmitted reviewed npsAverage npsNet ratingAverage }
fragment I on PageInfo { hasNextPage hasPreviousPage startCursor endCursor }
fragment L on Location { id name timeZone platforms { ...P } }
fragment P on ReviewPlatform { key name url }
"""
BOARD = """
{ agency { id name totals { clients invitedThisCycle funnel { ...F } } clients(first: 100) {
  totalCount pageInfo { hasNextPage endCursor } edges { cursor node { account { id name kind plan timeZone }
    usage { totalInvited allowance reserved remaining invitedThisCycle buyMoreUrl } funnel { ...F } } } } } }
fragment F on InvitationFunnel {
  invited delivered opened clicked platformChosen npsSubmitted reviewed npsAverage npsNet ratingAverage }
"""
NODES = """
query Nodes($ids: [ID!]!) { nodes(ids: $ids) { __typename id
  ... on Customer { firstName lastName email phone source invitedOn npsScore rating
    invitation { id state } linkedReview { id text } }
  ... on Invitation { state channels messages { id step channel state dueAt sentAt } customer { id firstName lastName } }
  ... on ActivityEvent { kind occurredAt channel actor actorKind } ... on LinkedReview { reviewerName rating text }
  ... on Location { name timeZone platforms { key name } } ... on BulkImport { name progress { state percent } } } }
"""


@pytest.mark.parametrize(
    ("document", "variables"),
    [
        (PAGE, {"first": 100}),
        (BOARD, {}),
        (NODES, {"ids": ["x"] * 100}),
        (get_introspection_query(), {}),
    ],
)
def test_largest_frontend_pages_are_within_the_limits(document: str, variables: dict[str, object]) -> None:
    core, parsed = root.build().core, parse(document)
    assert validate(core, parsed) == []
    assert limit_error(measure(core, parsed, None, variables)) is None


BY_VARIABLES = """query ($n: Int = 90, $ids: [ID!] = ["a", "b"]) {
  account { customers(first: $n) { edges { node { id } } } } nodes(ids: $ids) { id } }"""
NUMBERS: list[object] = [None, "1", 1, 100, *range(3 * MAX_EXTENTS)]
GIVEN: list[dict[str, object]] = [{}, {"ids": None}, {"ids": ["a"] * 7}, *[{"n": number} for number in NUMBERS]]


def extent_of(document: DocumentNode, variables: dict[str, object]) -> Extent:
    limit = ExtentLimit()
    limit.execution_context = SimpleNamespace(  # type: ignore[assignment]
        schema=SCHEMA_OF_PLAUDIT, graphql_document=document, operation_name=None, variables=variables
    )
    return limit.extent()


def test_the_extent_of_a_cached_document_is_that_of_the_variables_each_time() -> None:
    document = parse(BY_VARIABLES)
    library.add(document)
    try:
        for variables in GIVEN * 2:
            assert extent_of(document, variables) == measure(SCHEMA_OF_PLAUDIT.core, document, None, variables)
        prepared = library.find(document)
        assert prepared
        assert 1 < len(prepared.extents) <= MAX_EXTENTS
    finally:
        library.drop(document)


def test_variables_that_are_not_declared_are_not_remembered() -> None:
    document = parse(BY_VARIABLES)
    library.add(document)
    try:
        for number in range(5):
            extent_of(document, {"n": 3, f"undeclared{number}": number})
        prepared = library.find(document)
        assert prepared
        assert len(prepared.extents) == 1
    finally:
        library.drop(document)
