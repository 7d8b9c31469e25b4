"""Parses and validates documents, caches valid ones, and limits what that costs."""

from collections import OrderedDict
from collections.abc import AsyncIterator, Hashable, Iterator
from contextlib import suppress
from typing import Any

from graphql import ASTValidationRule, DocumentNode, GraphQLError, GraphQLSchema, parse, validate
from graphql.validation.rules import overlapping_fields_can_be_merged
from graphql.validation.validate import ValidationAbortedError
from strawberry.extensions import SchemaExtension
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from schema import compiled
from schema.introspection import NoIntrospection
from schema.pace import single_turn

MAX_TOKENS = 2_000
MAX_LINES = 1_000
"""Limited because each error counts lines from the beginning of the document."""
MAX_ERRORS = 20
MAX_COMPARISONS = 20_000
"""The work limit of the rule that compares fields of the same name; with graphql-core's own limit, a document of a few
kilobytes can take a second."""
MAX_CACHED_DOCUMENT, MAX_CACHED = 10_000, 200_000
"""The maximum characters of one cached document, and of all. A parsed document takes a hundred bytes per character, and
the garbage collector visits all of it."""
SHORT_DOCUMENT = 1_000
"""Documents of up to this many characters are parsed and validated at once; longer ones wait for their turn."""
overlapping_fields_can_be_merged.MAX_COMPLEXITY_BUDGET = MAX_COMPARISONS
_TOO_MANY_COMPARISONS = (
    "This document repeats so many fields that checking whether they can be merged takes too long; "
    "select each field once, or send several operations."
)
Rules = tuple[type[ASTValidationRule], ...]


def too_many_lines(text: str) -> str | None:
    """The error message for a document with too many lines, otherwise None."""
    if text.count("\n") + text.count("\r") < MAX_LINES:
        return None
    return f"This document has more than {MAX_LINES:,} lines; remove comments and empty lines."


def _parse(text: str) -> DocumentNode:
    return parse(text, max_tokens=MAX_TOKENS)


def _validate(schema: GraphQLSchema, document: DocumentNode, rules: Rules, quiet: bool) -> list[GraphQLError]:
    errors = validate(schema, document, rules, MAX_ERRORS, hide_suggestions=quiet)
    if errors and isinstance(errors[-1], ValidationAbortedError) and len(errors) <= MAX_ERRORS:
        return [GraphQLError(_TOO_MANY_COMPARISONS, extensions={"code": "QUERY_TOO_COSTLY"})]
    return errors


class _Cache:
    """Valid documents, in the library of what is prepared for them; drops the least recently used ones."""

    def __init__(self) -> None:
        self.documents: OrderedDict[Hashable, tuple[DocumentNode, int]] = OrderedDict()
        self.characters = 0

    def find(self, key: Hashable) -> DocumentNode | None:
        if key not in self.documents:
            return None
        self.documents.move_to_end(key)
        return self.documents[key][0]

    def add(self, key: Hashable, document: DocumentNode, characters: int, *, compiling: bool) -> None:
        if key in self.documents or characters > MAX_CACHED_DOCUMENT:
            return
        self.documents[key] = document, characters
        self.characters += characters
        compiled.library.add(document, compiling=compiling)
        while self.characters > MAX_CACHED:
            _, (dropped, its_characters) = self.documents.popitem(last=False)
            self.characters -= its_characters
            compiled.library.drop(dropped)


_cache = _Cache()


def cached_document(schema: GraphQLSchema, text: str, *, quiet: bool) -> DocumentNode | None:
    """A valid document that was executed before, by its text."""
    return _cache.find((schema, quiet, text))


class ParseAndValidate(SchemaExtension):
    """Parses and validates documents that are not cached. With `quiet`, errors do not suggest names, and introspection is refused;
    with `compiling`, documents that are executed again are compiled.

    A document with a syntax error is left to the schema, which parses it again and reports the error; raising it here would
    break a stream.
    """

    def __init__(self, *, quiet: bool, compiling: bool) -> None:
        self.quiet, self.compiling = quiet, compiling

    @property
    def key(self) -> Hashable:
        execution: Any = self.execution_context
        return execution.schema.core, self.quiet, execution.query

    def on_operation(self) -> Iterator[None]:
        self.execution_context.parse_options["max_tokens"] = MAX_TOKENS
        yield

    async def on_parse(self) -> AsyncIterator[None]:
        execution = self.execution_context
        execution.graphql_document = _cache.find(self.key)
        if execution.graphql_document is None and execution.query:
            await self._turn()
            with suppress(GraphQLError, RecursionError):
                execution.graphql_document = _parse(execution.query)
        yield

    async def on_validate(self) -> AsyncIterator[None]:
        """Validates the document unless it is cached or an earlier extension has refused it."""
        execution: Any = self.execution_context
        if execution.pre_execution_errors is None and _cache.find(self.key):
            execution.pre_execution_errors = []
        elif execution.pre_execution_errors is None:
            await self._turn()
            rules: Rules = (*execution.validation_rules, MaybeNullValidationRule, OneOfInputValidationRule)
            if self.quiet:
                rules = (*rules, NoIntrospection)
            errors = _validate(execution.schema.core, execution.graphql_document, rules, self.quiet)
            execution.pre_execution_errors = errors
            if not errors:
                _cache.add(self.key, execution.graphql_document, len(execution.query), compiling=self.compiling)
        yield

    async def _turn(self) -> None:
        if len(self.execution_context.query or "") > SHORT_DOCUMENT:
            await single_turn()
