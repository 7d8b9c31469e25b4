"""The migrations, in order."""

from typing import Any

from tortoise.migrations import operations as ops


class Known(ops.AddField):
    """A column that exists already, since SQL made it."""

    async def database_forward(self, *_args: Any, **_kwargs: Any) -> None:
        return

    async def database_backward(self, *_args: Any, **_kwargs: Any) -> None:
        return
