"""What the user can mend, as the payload of a mutation."""

from collections.abc import Sequence
from typing import Any

import strawberry

from models.rules.enums import UserErrorCode
from models.rules.errors import Refusal
from resolvers.commands import Refused, refusals


@strawberry.type(
    description="Something the user can mend; nothing was changed. A denied permission is a GraphQL error."
)
class UserError:
    field: Sequence[str] | None = strawberry.field(description="Where in the input.")
    code: UserErrorCode = strawberry.field(description="What, as a code that stays the same.")
    message: str = strawberry.field(description="What is wrong and what to do, in words.")


def user_errors(error: Refusal | Refused) -> list[UserError]:
    made: list[UserError] = []
    for one in refusals(error):
        given: Any = one
        made.append(UserError(field=given["field"], code=UserErrorCode(given["code"]), message=given["message"]))
    return made
