"""The one way of a mutation: in scope or NOT_FOUND, allowed or FORBIDDEN, then once under its idempotency key."""

import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from typing import Any, Generic
from uuid import UUID

from graphql import GraphQLError

from models.commands import idempotency
from models.commands.activity import Actor
from models.connection import Db, savepoint
from models.rules.enums import ActorKind
from models.rules.errors import Invalid, Refusal
from permissions.viewer import Seat
from resolvers import accounts
from resolvers.context import Context
from resolvers.scope import Kind, R, find

LONGEST_KEY = 255


@dataclass(frozen=True, slots=True)
class Given:
    """What identifies a request: its idempotency key, if it has one, and a fingerprint of the whole input."""

    key: str | None
    fingerprint: str

    @classmethod
    def of(cls, input: Any) -> "Given":
        """Of a mutation's input, a dataclass. Raises Invalid for a key that is too long."""
        key: str | None = input.idempotency_key
        if key is not None and not 1 <= len(key) <= LONGEST_KEY:
            raise Invalid(f"idempotencyKey must have 1 to {LONGEST_KEY} characters.", ["idempotencyKey"])
        body = json.dumps(asdict(input, dict_factory=_without_nulls), sort_keys=True, default=str)
        return cls(key, hashlib.sha256(body.encode()).hexdigest())


def _without_nulls(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Null and left out are the same."""
    return {name: value for name, value in pairs if value is not None}


@dataclass(slots=True)
class Attempt(Generic[R]):
    """A mutation on a row. `done`: the key of the row that it was about, set by the first attempt under a key and known to
    all later ones."""

    tx: Db
    row: R
    seat: Seat
    actor: Actor
    done: UUID | None = None


@asynccontextmanager
async def attempt(context: Context, mutation: str, given: Given, kind: Kind[R], id: str) -> AsyncIterator[Attempt[R]]:
    """One transaction. A Refusal raised inside undoes what was done and is the answer under the key from then on."""
    row = await find(context, kind, id)
    account_id = row.account_id if row is not None else await _account_without_row(context, mutation, given)
    if account_id is None:
        raise kind.missing
    seat = context.require(f"Mutation.{mutation}", account_id)
    actor = Actor(ActorKind.MEMBER, (await context.viewer()).name)
    refusal: Refusal | None = None
    async with context.transaction() as tx:
        key = idempotency.Key(account_id, mutation, given.key, given.fingerprint)
        done = await idempotency.begin(tx, key, context.now)
        try:
            async with savepoint(tx) as inner:
                if row is None:
                    raise kind.missing
                attempted = Attempt(inner, row, seat, actor, done)
                yield attempted
                done = attempted.done
        except Refusal as refused:
            refusal = refused
        await idempotency.finish(tx, key, refusal or done)
    if refusal is not None:
        raise refusal


async def _account_without_row(context: Context, mutation: str, given: Given) -> UUID | None:
    """Where the key of a request that names no row counts: in the acting account, if the viewer may do this there."""
    seat = await accounts.acting_seat(context) if given.key is not None else None
    if seat is None:
        return None
    try:
        context.require(f"Mutation.{mutation}", seat.account.id)
    except GraphQLError:
        return None
    return seat.account.id
