"""Keys under which a command is done once: the same key with the same input answers as the first time did, for 24
hours."""

import hashlib
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from models.connection import Db, execute, fetch_one, transaction
from models.rules.errors import IdempotencyConflict, Refusal

KEPT = timedelta(hours=24)

Answer = dict[str, Any]


async def once(
    tx: Db,
    account_id: UUID,
    mutation: str,
    key: str | None,
    given: object,
    work: Callable[[Db], Awaitable[Answer]],
    now: datetime,
) -> Answer:
    """The answer of `work`, or of the first time that this key was used with the same input.

    A second call waits for the first one's commit. A Refusal of `work` undoes what it did and is its answer:
    {"refusals": [{"code", "message", "field"}]}; so an answer is kept whole either way.
    """
    if key is None:
        return await _work(tx, work)
    fingerprint = hashlib.sha256(orjson.dumps(given, option=orjson.OPT_SORT_KEYS, default=str)).hexdigest()
    await execute(
        tx, "delete from idempotency_key where account_id = $1 and mutation = $2 and key = $3 and created_at < $4",
        account_id, mutation, key, now - KEPT,
    )  # fmt: skip
    mine = await fetch_one(tx, _TAKE, account_id, mutation, key, fingerprint, now)
    if mine is None:
        return await _first_answer(tx, account_id, mutation, key, fingerprint)
    answer = await _work(tx, work)
    await execute(
        tx, "update idempotency_key set answer = $2::jsonb where id = $1", mine["id"], orjson.dumps(answer).decode()
    )
    return answer


_TAKE = """
insert into idempotency_key (account_id, mutation, key, fingerprint, created_at) values ($1, $2, $3, $4, $5)
on conflict (account_id, mutation, key) do nothing returning id
"""


async def _first_answer(tx: Db, account_id: UUID, mutation: str, key: str, fingerprint: str) -> Answer:
    row = await fetch_one(
        tx,
        "select fingerprint, answer::text as answer from idempotency_key where account_id = $1 and mutation = $2 and key = $3",
        account_id,
        mutation,
        key,
    )
    if row is None or row["fingerprint"] != fingerprint:
        raise IdempotencyConflict(
            "This idempotencyKey was used with another input; take a new one.", ["idempotencyKey"]
        )
    answer: Answer = orjson.loads(row["answer"])
    return answer


async def _work(tx: Db, work: Callable[[Db], Awaitable[Answer]]) -> Answer:
    """In a savepoint, so that a refusal leaves nothing half-done."""
    try:
        async with transaction(tx.connection_name) as inner:
            return await work(inner)
    except Refusal as refusal:
        return {"refusals": [{"code": refusal.code, "message": refusal.message, "field": refusal.field}]}


async def prune(db: Db, now: datetime) -> None:
    await execute(db, "delete from idempotency_key where created_at < $1", now - KEPT)
