"""Gives every error a code, and logs internal errors under an id instead of revealing them."""

import logging
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import asyncpg
from graphql import GraphQLError, GraphQLSyntaxError
from strawberry.exceptions import MissingQueryError
from strawberry.extensions import MaskErrors
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types.graphql import OperationType

from models.faults import is_transient, without_values

log = logging.getLogger(__name__)
MAX_MESSAGE = 1_000
"""The maximum length of an error's message, in characters."""
NO_OPERATION = (CannotGetOperationTypeError, InvalidOperationTypeError, MissingQueryError)


class Coded(MaskErrors):
    """Gives codes to errors without one, in responses and in events of subscriptions."""

    def __init__(self) -> None:
        super().__init__(should_mask_error=_has_no_code)
        self.executed = False

    def on_execute(self) -> Iterator[None]:
        """Called once the document is valid; the library also reports a subscription's wrong variables as not executed."""
        self.executed = True
        yield

    def anonymise_error(self, error: GraphQLError) -> GraphQLError:
        return coded(error, executed=self.executed)


def _has_no_code(error: GraphQLError) -> bool:
    return "code" not in (error.extensions or {})


def coded(error: GraphQLError, *, executed: bool = False) -> GraphQLError:
    """The error with a code, and a message that reveals nothing internal."""
    if not _has_no_code(error):
        return error
    code, message = _code(error, executed=executed)
    if len(message) > MAX_MESSAGE:  # graphql-core quotes the whole value that was sent
        message = f"{message[:MAX_MESSAGE]}..."
    return GraphQLError(
        message,
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        path=error.path,
        original_error=error.original_error,
        extensions={"code": code},
    )


def _code(error: GraphQLError, *, executed: bool) -> tuple[str, str]:
    cause = error.original_error
    of_document = bool(error.nodes) and error.path is None
    if cause is None or isinstance(cause, GraphQLError) or of_document:
        return _code_of_graphql(error, executed), error.message
    if isinstance(cause, asyncpg.QueryCanceledError):
        return "TIMEOUT", "This operation took too long. Request fewer fields or shorter lists."
    if isinstance(cause, asyncpg.CharacterNotInRepertoireError | asyncpg.UntranslatableCharacterError):
        return "BAD_USER_INPUT", "A string contains U+0000, which cannot be stored or searched for; remove it."
    if isinstance(cause, UnicodeEncodeError):
        return "BAD_USER_INPUT", "A string contains an unpaired surrogate; remove it."
    if isinstance(cause, NO_OPERATION):
        return "BAD_USER_INPUT", why_no_operation(cause)
    if isinstance(cause, RecursionError):
        return "QUERY_TOO_COSTLY", "The document is nested too deeply; use fewer levels."
    return "INTERNAL_SERVER_ERROR", sentence_of(report(cause))


def why_no_operation(cause: Exception) -> str:
    """Why a request has no operation that can be executed, in the same words on every transport; `cause` is one of NO_OPERATION."""
    if isinstance(cause, MissingQueryError):
        return "The query is empty."
    if isinstance(cause, CannotGetOperationTypeError):
        name = cause.operation_name
        return "The document has no operation." if name is None else f'The document has no operation named "{name}".'
    if isinstance(cause, InvalidOperationTypeError) and cause.operation_type is OperationType.MUTATION:
        return "Send mutations by POST."
    return "Send subscriptions with Accept: text/event-stream, or on a websocket by graphql-transport-ws."


def sentence_of(number: str | None) -> str:
    """The message for an internal error with its id in the log, or for an unavailable database if None."""
    if number is None:
        return "The database cannot be reached at the moment; try again shortly."
    return f"Something went wrong here; it is in the log as {number}."


def report(cause: BaseException) -> str | None:
    """Logs the error and returns its id, or None if the database was unavailable or too slow."""
    if isinstance(cause, asyncpg.QueryCanceledError):
        log.warning("a statement took too long and was cancelled")
        return None
    if is_transient(cause):
        log.warning("the database is unavailable: %s", type(cause).__name__, extra={"cause": cause})
        return None
    number = uuid4().hex[:12]
    log.error("error %s: %s", number, without_values(cause))
    return number


class WithoutValues(logging.Formatter):
    """Formats exceptions logged by libraries like Plaudit's own: type and traceback, without the message."""

    def formatException(self, ei: Any) -> str:  # noqa: N802 - the library's name
        return without_values(ei[1])


def log_unhandled(_loop: object, context: dict[str, Any]) -> None:
    """Logs errors of tasks that are never awaited; asyncio would log their messages too."""
    cause = context.get("exception")
    log.error("%s%s", context["message"], f": {without_values(cause)}" if cause else "")


def log_unraisable(unraisable: Any) -> None:
    """Logs errors that Python ignores, such as those in finalizers; `sys.unraisablehook` would print their messages."""
    if unraisable.exc_value is not None:
        log.error("%s: %s", unraisable.err_msg or "exception ignored", without_values(unraisable.exc_value))


def _code_of_graphql(error: GraphQLError, executed: bool) -> str:
    """The code of graphql-core's own errors; during execution, they are about arguments and variables."""
    if isinstance(error, GraphQLSyntaxError):
        return "GRAPHQL_PARSE_FAILED"
    return "BAD_USER_INPUT" if executed else "GRAPHQL_VALIDATION_FAILED"
