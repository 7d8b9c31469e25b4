"""Reads uploads that can be imported into an account."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import orjson

from models.reads.operation import Reads


@dataclass(slots=True)
class UploadRow:
    """`size` in bytes."""

    id: UUID
    account_id: UUID
    size: int


_BY_IDS = """
-- Complete uploads by key ($1 keys).
select id, account_id, size from upload where size is not null and id = any($1::uuid[])
"""


async def by_ids(reads: Reads, keys: Sequence[UUID]) -> list[UploadRow]:
    """Uploads by key, in any account: only `resolvers/scope.py` may call this."""
    return [UploadRow(*row) for row in await reads.rows(_BY_IDS, list(keys))]


_UPLOAD = """
-- The complete upload, if this user can import it into this account: it belongs to the account, or the user uploaded it while
-- acting for another account, as agency members do ($1 upload, $2 account, $3 user).
select id, account_id, size from upload where id = $1 and size is not null and (account_id = $2 or created_by = $3)
"""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """The file of an import, its mapped columns, and the language of its location."""

    upload_id: UUID
    columns: Sequence[str]
    language: str


_OF_IMPORT = """
-- The file of an import that the viewer can see, whichever account it was uploaded to ($1 import).
select u.id, b.mapping::text as mapping, l.language
from bulk_import b join upload u on u.id = b.upload_id join location l on l.id = b.location_id
where b.id = $1 and u.size is not null
"""


async def of_import(reads: Reads, key: UUID) -> StoredFile | None:
    """None if the file is no longer stored."""
    rows = await reads.identity(_OF_IMPORT, key)
    if not rows:
        return None
    columns = [one["column"] for one in orjson.loads(rows[0]["mapping"])]
    return StoredFile(rows[0]["id"], columns, rows[0]["language"])


async def importable(reads: Reads, key: UUID, account_id: UUID, user_id: UUID) -> UploadRow | None:
    rows = await reads.identity(_UPLOAD, key, account_id, user_id)
    return UploadRow(*rows[0]) if rows else None
