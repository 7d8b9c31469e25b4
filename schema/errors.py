"""Errors that the user can correct, returned in a mutation's payload."""

from collections.abc import Awaitable, Callable, Sequence
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import strawberry

from models.rules.enums import UserErrorCode
from models.rules.errors import Refusal


@strawberry.type(
    description="Something the user can correct. Nothing was changed. A denied permission is a GraphQL error."
)
class UserError:
    field: Sequence[str] | None = strawberry.field(description="The path in the input.")
    code: UserErrorCode = strawberry.field(description="A stable code.")
    message: str = strawberry.field(description="What is wrong and how to correct it.")


P = ParamSpec("P")
T = TypeVar("T")


def user_errors() -> Any:
    """The field that every payload has."""
    return strawberry.field(default_factory=list, description="Errors to correct; empty on success.")


def returns_user_errors(
    payload: Callable[..., T],
) -> Callable[[Callable[P, Awaitable[T | None]]], Callable[P, Awaitable[T | None]]]:
    """Decorates a mutation's resolver: a Refusal becomes a user error in this payload."""

    def decorate(resolve: Callable[P, Awaitable[T | None]]) -> Callable[P, Awaitable[T | None]]:
        @wraps(resolve)
        async def answer(*args: P.args, **kwargs: P.kwargs) -> T | None:
            try:
                return await resolve(*args, **kwargs)
            except Refusal as refusal:
                error = UserError(field=refusal.field, code=refusal.code, message=refusal.message)
                return payload(user_errors=[error])

        return answer

    return decorate
