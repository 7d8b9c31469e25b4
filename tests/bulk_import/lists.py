"""Lists of customers as files, taken in by the real runner, and what became of each record."""

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
    {"column": "First", "field": "FIRST_NAME"},
    {"column": "Last", "field": "LAST_NAME"},
    {"column": "Mail", "field": "EMAIL"},
    {"column": "Phone", "field": "PHONE"},
]


async def uploaded(of: models.Account, text: str) -> UUID:
    async def body() -> AsyncIterator[bytes]:
        yield text.encode()

    return await storage.store(of.id, of.id, body(), clock.now())


async def begun(of: models.Location, *records: str, header: str = HEADER, **given: Any) -> UUID:
    """A QUEUED import of these records, with a job nowhere."""
    account = await models.Account.get(id=of.account_id)
    upload = await uploaded(account, "\n".join([header, *records]) + "\n")
    async with transaction(WORK) as tx:
        await storage.keep(tx, upload, clock.now())
    return await make.bulk_import(of, **{"upload_id": upload, "mapping": MAPPING, "state": "QUEUED"} | given)


async def taken_in(of: models.Location, *records: str, **given: Any) -> UUID:
    """Run to its end."""
    key = await begun(of, *records, **given)
    await runner.run(key)
    return key


async def stored(key: UUID) -> models.BulkImport:
    return await models.BulkImport.get(id=key)


async def verdicts(key: UUID) -> list[str | None]:
    """The code of each record in the file's order; None where it was invited."""
    rows = await fetch(pool(WORK), "select code from import_row where bulk_import_id = $1 order by row", key)
    return [row["code"] for row in rows]


async def by_sms(of: models.Location, *, number: int = 9) -> models.Location:
    """Its sequence has a step by SMS as well."""
    (template,) = await models.Template.filter(location_id=of.id)
    await models.SequenceStep.create(
        account_id=of.account_id,
        location_id=of.id,
        number=number,
        channel=Channel.SMS,
        after_seconds=0,
        template_id=template.id,
    )
    return of


def people(number: int, mark: str) -> list[str]:
    return [f"Person,{index},{mark}-{index}@example.org," for index in range(number)]
