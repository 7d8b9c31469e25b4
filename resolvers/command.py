"""Shared by all mutations: NOT_FOUND outside the scope, FORBIDDEN by the policy, and idempotency keys."""

import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import MISSING, asdict, dataclass, fields
from typing import Any, Generic, cast
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
class RequestId:
    """A request's idempotency key, if any, and a fingerprint of its whole input."""

    key: str | None
    fingerprint: str

    @classmethod
    def of(cls, input: Any) -> "RequestId":
        """`input` is a mutation's input, a dataclass. Raises Invalid if the key is empty or too long."""
        key: str | None = input.idempotency_key
        if key is not None and not 1 <= len(key) <= LONGEST_KEY:
            raise Invalid(f"idempotencyKey must have 1 to {LONGEST_KEY} characters.", ["idempotencyKey"])
        given = _defaults(input) | asdict(input, dict_factory=_without_nulls)
        body = json.dumps(given, sort_keys=True, default=str)
        return cls(key, hashlib.sha256(body.encode()).hexdigest())


WITHOUT_KEY = RequestId(None, "")
"""For mutations without an idempotency key."""


def _defaults(input: Any) -> dict[str, Any]:
    """The values of omitted and null fields."""
    return {one.name: one.default for one in fields(input) if one.default is not MISSING and one.default is not None}


def _without_nulls(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Treats null like an omitted field."""
    return {name: value for name, value in pairs if value is not None}


@dataclass(slots=True)
class Attempt(Generic[R]):
    """A mutation of a row. The first attempt with an idempotency key sets `done` to the resulting row's key; later ones
    find it set."""

    tx: Db
    row: R
    seat: Seat
    actor: Actor
    done: UUID | None = None


@asynccontextmanager
async def attempt(
    context: Context, mutation: str, request: RequestId, kind: Kind[R], id: str
) -> AsyncIterator[Attempt[R]]:
    """Runs a mutation in one transaction. A Refusal rolls it back and is stored as the answer for the key; when repeated, it
    reveals only what the member can see."""
    row = await find(context, kind, id)
    account_id = row.account_id if row is not None else await _account_without_row(context, mutation, request)
    if account_id is None:
        raise kind.missing
    seat = context.require(f"Mutation.{mutation}", account_id)
    actor = Actor(ActorKind.MEMBER, (await context.viewer()).name)
    refusal: Refusal | None = None
    async with context.transaction() as tx:
        key = idempotency.Key(account_id, mutation, request.key, request.fingerprint)
        try:
            done = await idempotency.begin(tx, key, context.now)
            if isinstance(done, Refusal):
                raise done
            async with savepoint(tx) as inner:
                if row is None and done is None:
                    raise kind.missing
                # Where the first attempt removed the row, there is an answer and no row.
                attempted = Attempt(inner, cast(R, row), seat, actor, done)
                yield attempted
                done = attempted.done
        except Refusal as refused:
            refusal = refused
        await idempotency.finish(tx, key, refusal or done)
    if refusal is not None:
        raise refusal.within(seat.scope)


async def _account_without_row(context: Context, mutation: str, request: RequestId) -> UUID | None:
    """The account that stores the key of a request whose row was not found: the acting account, if the viewer is allowed
    to run this mutation there and sees all of it. For others the row may exist, so their NOT_FOUND is not stored as the answer
    for everyone, and does not reveal which keys were used."""
    seat = await accounts.acting_seat(context) if request.key is not None else None
    if seat is None or not seat.scope.all_locations:
        return None
    try:
        context.require(f"Mutation.{mutation}", seat.account.id)
    except GraphQLError:
        return None
    return seat.account.id
