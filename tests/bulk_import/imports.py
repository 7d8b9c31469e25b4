"""Bulk imports of small files, run by the real runner, and their results."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import models
from bulk_import import runner, storage
from models.clock import clock
from models.connection import WORK, fetch, pool, transaction
from models.rules.enums import Channel
from tests import factories as make

HEADER = "First,Last,Mail,Phone"
MAPPING = [
    {"column": "First", "field": "FIRST_NAME", "place": 0},
    {"column": "Last", "field": "LAST_NAME", "place": 1},
    {"column": "Mail", "field": "EMAIL", "place": 2},
    {"column": "Phone", "field": "PHONE", "place": 3},
]


async def upload(account: models.Account, text: str) -> UUID:
    async def body() -> AsyncIterator[bytes]:
        yield text.encode()

    return await storage.store(account.id, account.id, body(), clock.now())


async def create_import(location: models.Location, *records: str, header: str = HEADER, **values: Any) -> UUID:
    """Creates a QUEUED import of these records without a job."""
    account = await models.Account.get(id=location.account_id)
    upload_id = await upload(account, "\n".join([header, *records]) + "\n")
    async with transaction(WORK) as tx:
        await storage.keep(tx, upload_id, clock.now())
    return await make.bulk_import(location, **{"upload_id": upload_id, "mapping": MAPPING, "state": "QUEUED"} | values)


async def run_import(location: models.Location, *records: str, **values: Any) -> UUID:
    """Creates an import and runs it to its end."""
    key = await create_import(location, *records, **values)
    await runner.run(key)
    return key


async def get_import(key: UUID) -> models.BulkImport:
    return await models.BulkImport.get(id=key)


async def verdicts(key: UUID) -> list[str | None]:
    """The error code of each record in file order; None if it was invited."""
    rows = await fetch(pool(WORK), "select code from import_row where bulk_import_id = $1 order by row", key)
    return [row["code"] for row in rows]


async def add_sms_step(location: models.Location, *, number: int = 9) -> models.Location:
    """Adds an SMS step to the location's sequence."""
    (template,) = await models.Template.filter(location_id=location.id)
    await models.SequenceStep.create(
        account_id=location.account_id,
        location_id=location.id,
        number=number,
        channel=Channel.SMS,
        after_seconds=0,
        template_id=template.id,
    )
    return location


def people(number: int, prefix: str) -> list[str]:
    return [f"Person,{index},{prefix}-{index}@example.org," for index in range(number)]
