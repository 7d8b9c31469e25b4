"""The demo's lists of customers: real uploads and bulk imports, run in this process."""

import csv
import io
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from random import Random
from uuid import UUID

from bulk_import import runner, storage
from bulk_import.mapping import stored
from bulk_import.start import NewImport, create_import
from demo.people import EMPLOYEES, SERVICES
from models.clock import clock
from models.commands.intake import Person
from models.connection import WORK, transaction
from models.rules.enums import Channel, ImportField

_HEADER = ("Vorname", "Nachname", "E-Mail", "Telefon", "Mitarbeiter", "Leistung")
_FIELDS = (
    ImportField.FIRST_NAME,
    ImportField.LAST_NAME,
    ImportField.EMAIL,
    ImportField.PHONE,
    ImportField.EMPLOYEE,
    ImportField.SERVICE,
)
_FAULTY = (
    ("Rita", "Ohne", "", "", "", ""),
    ("Paul", "Tippfehler", "paul.tippfehler@example", "", "Tom", ""),
    ("Nora", "Falsch", "nora@example.com", "0301", "", "Catering"),
)
"""Records with typical mistakes, for the error report."""


@dataclass(frozen=True, slots=True)
class CustomerList:
    """A list to import; `over_days` spreads its first messages."""

    account_id: UUID
    location_id: UUID
    name: str
    created_by: str
    people: Sequence[Person]
    over_days: int | None = None


async def import_list(wanted: CustomerList, random: Random) -> None:
    """Uploads the list as a file and imports all of it."""
    body = _file(wanted.people, random)
    upload = await storage.store(wanted.account_id, wanted.account_id, _stream(body), clock.now())
    async with transaction(WORK) as tx:
        new = NewImport(
            account_id=wanted.account_id,
            location_id=wanted.location_id,
            upload_id=upload,
            name=wanted.name,
            mapping=stored(list(zip(_HEADER, _FIELDS, strict=True)), _HEADER),
            channels=[Channel.EMAIL],
            created_by=wanted.created_by,
            spread_over_days=wanted.over_days,
        )
        key = await create_import(tx, new, clock.now())
    await runner.run(key)


def _file(people: Iterable[Person], random: Random) -> bytes:
    text = io.StringIO()
    rows = csv.writer(text, delimiter=";")
    rows.writerow(_HEADER)
    for number, person in enumerate(people):
        row = (person.first_name, person.last_name, person.email, person.phone)
        rows.writerow((*row, random.choice(EMPLOYEES), random.choice(SERVICES)))
        if number in (7, 23, 41):
            rows.writerow(_FAULTY[number % len(_FAULTY)])
        if number == 60:
            rows.writerow((*row, "", ""))  # a duplicate
    return text.getvalue().encode()


async def _stream(body: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(body), 65_536):
        yield body[start : start + 65_536]
