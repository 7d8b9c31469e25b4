"""Parses and validates documents, once each, with limits on the cost."""

from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from typing import Any

from graphql import ASTValidationRule, DocumentNode, GraphQLError, GraphQLSchema, parse, validate
from graphql.validation.rules import overlapping_fields_can_be_merged
from graphql.validation.validate import ValidationAbortedError
from strawberry.extensions import SchemaExtension
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

MAX_TOKENS = 2_000
MAX_LINES = 1_000
"""Limited because each error counts lines from the beginning of the document."""
MAX_ERRORS = 20
MAX_COMPARISONS = 40_000
"""The work limit of the rule that compares fields of the same name; with graphql-core's own limit, a document of a few
kilobytes can take a second."""
MAX_DOCUMENTS, LONGEST_DOCUMENT = 128, 10_000
"""How many documents are cached, and their maximum length in characters; a parsed one takes up to 1 MB."""
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


_parse_once = lru_cache(MAX_DOCUMENTS)(_parse)


@lru_cache(MAX_DOCUMENTS)
def _validate_once(schema: GraphQLSchema, text: str, rules: Rules, quiet: bool) -> list[GraphQLError]:
    return _validate(schema, _parse_once(text), rules, quiet)


class ParseAndValidate(SchemaExtension):
    """Parses and validates documents. With `quiet`, errors do not suggest names.

    A document with a syntax error is left to the schema, which parses it again and reports the error; raising it here would
    break a stream.
    """

    def __init__(self, *, quiet: bool) -> None:
        self.quiet = quiet

    @property
    def text(self) -> str:
        return self.execution_context.query or ""

    def on_operation(self) -> Iterator[None]:
        self.execution_context.parse_options["max_tokens"] = MAX_TOKENS
        yield

    def on_parse(self) -> Iterator[None]:
        if len(self.text) <= LONGEST_DOCUMENT:
            with suppress(GraphQLError, RecursionError):
                self.execution_context.graphql_document = _parse_once(self.text)
        yield

    def on_validate(self) -> Iterator[None]:
        """Validates the document unless an earlier extension has refused it."""
        execution: Any = self.execution_context
        if execution.pre_execution_errors is None:
            rules: Rules = (*execution.validation_rules, MaybeNullValidationRule, OneOfInputValidationRule)
            if len(self.text) <= LONGEST_DOCUMENT:
                errors = _validate_once(execution.schema.core, self.text, rules, self.quiet)
            else:
                errors = _validate(execution.schema.core, execution.graphql_document, rules, self.quiet)
            execution.pre_execution_errors = errors
        yield
