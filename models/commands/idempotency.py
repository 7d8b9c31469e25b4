"""Idempotency keys: for 24 hours, repeating a key with the same input returns the first answer."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from models.connection import Db, execute, fetch_one
from models.rules.enums import UserErrorCode
from models.rules.errors import Elsewhere, IdempotencyConflict, Refusal

KEPT = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Key:
    """A key of one mutation in one account. If `key` is None, nothing is stored."""

    account_id: UUID
    mutation: str
    key: str | None
    fingerprint: str


_EXPIRE = "delete from idempotency_key where account_id = $1 and mutation = $2 and key = $3 and created_at < $4"
_TAKE = """
insert into idempotency_key (account_id, mutation, key, fingerprint, created_at) values ($1, $2, $3, $4, $5)
on conflict (account_id, mutation, key) do nothing returning id
"""


async def begin(tx: Db, key: Key, now: datetime) -> UUID | Refusal | None:
    """Claims the key. Returns None on first use: continue, then call `finish`. Otherwise returns the first call's answer:
    the key of its row, or its Refusal. Raises IdempotencyConflict if the input differs. Waits for a first call that is
    still running."""
    if key.key is None:
        return None
    await execute(tx, _EXPIRE, key.account_id, key.mutation, key.key, now - KEPT)
    taken = await fetch_one(tx, _TAKE, key.account_id, key.mutation, key.key, key.fingerprint, now)
    return None if taken else await _first_answer(tx, key)


_FIRST = """
select fingerprint, answer::text as answer from idempotency_key where account_id = $1 and mutation = $2 and key = $3
"""


async def _first_answer(tx: Db, key: Key) -> UUID | Refusal:
    row = await fetch_one(tx, _FIRST, key.account_id, key.mutation, key.key)
    if row is None or row["fingerprint"] != key.fingerprint:
        raise IdempotencyConflict(
            "This idempotencyKey was already used with another input; use a new one.", ["idempotencyKey"]
        )
    answer: dict[str, Any] = orjson.loads(row["answer"])
    if "id" in answer:
        return UUID(answer["id"])
    elsewhere = Elsewhere(UUID(answer["location"]), answer["instead"]) if "location" in answer else None
    return Refusal(answer["message"], answer["field"], UserErrorCode(answer["code"]), elsewhere)


async def finish(tx: Db, key: Key, answer: UUID | Refusal | None) -> None:
    """Stores the answer of the first call."""
    if key.key is None or answer is None:
        return
    await execute(
        tx,
        "update idempotency_key set answer = $4::jsonb where account_id = $1 and mutation = $2 and key = $3 and answer is null",
        key.account_id,
        key.mutation,
        key.key,
        orjson.dumps(_stored(answer)).decode(),
    )


def _stored(answer: UUID | Refusal) -> dict[str, Any]:
    if isinstance(answer, UUID):
        return {"id": answer.hex}
    stored: dict[str, Any] = {"code": answer.code, "message": answer.message, "field": answer.field}
    if answer.elsewhere is not None:
        stored |= {"location": answer.elsewhere.location_id.hex, "instead": answer.elsewhere.message}
    return stored


async def prune(db: Db, now: datetime) -> None:
    await execute(db, "delete from idempotency_key where created_at < $1", now - KEPT)
