"""A worker killed with SIGKILL during an import or while sending: nothing is lost or duplicated."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from signal import SIGTERM

import asyncpg
import pytest

from tests.journeys.documents import IMPORT, PROGRESS
from tests.journeys.test_import import MAPPING
from tests.journeys.test_invite import location_of
from tests.processes import WAIT_SECONDS, Processes, processes

ROWS = 3000


@pytest.fixture
async def plaudit(tmp_path: Path, worker_id: str) -> AsyncIterator[Processes]:
    async with processes(f"plaudit_killed_{worker_id}", tmp_path) as running:
        yield running


async def begin(plaudit: Processes, name: str, number: int = ROWS) -> str:
    """Starts an import of this many valid rows, a duplicate and an invalid one, and returns its id."""
    rows = [f"Person {index};{name}-{index}@example.org;" for index in range(number)]
    text = "\n".join(["Name;E-Mail;Telefon", *rows, f"Again;{name}-5@example.org;", "Nobody;;"]) + "\n"
    values = {
        "locationId": await location_of(plaudit.world),
        "name": name,
        "uploadId": await plaudit.world.upload("owner", text),
        "mapping": MAPPING,
        "channels": ["EMAIL"],
    }
    answer = await plaudit.world.data("owner", IMPORT, input=values)
    return str(answer["bulkImport"]["bulkImport"]["id"])


async def until(plaudit: Processes, query: str, *args: object, seconds: float = WAIT_SECONDS) -> None:
    """Waits until the query returns true."""
    connection = await asyncpg.connect(plaudit.environment["PLAUDIT_DATABASE_URL"])
    try:
        async with asyncio.timeout(seconds):
            while not await connection.fetchval(query, *args):
                await asyncio.sleep(0.005)
    finally:
        await connection.close()


async def counts(plaudit: Processes) -> asyncpg.Record:
    connection = await asyncpg.connect(plaudit.environment["PLAUDIT_DATABASE_URL"])
    try:
        return await connection.fetchrow(
            "select (select count(*) from invitation) as invitations, (select count(distinct customer_id) from invitation)"
            " as customers, (select count(*) from message where state = 'UNKNOWN') as unknown,"
            " (select count(*) from message where state = 'SENT') as sent, (select count(*) from message) as messages,"
            " (select sum(invited) from account_usage) as charged, (select sum(reserved) from account_usage) as reserved"
        )
    finally:
        await connection.close()


@pytest.mark.parametrize(
    "condition", ["parsed_rows >= 1000", "judged_rows >= 1000"], ids=["while reading", "while inviting"]
)
async def test_an_import_resumes_after_its_worker_is_killed(plaudit: Processes, condition: str) -> None:
    worker = await plaudit.start("worker")
    key = await begin(plaudit, "import")
    await until(plaudit, f"select count(*) from bulk_import where {condition}")
    await plaudit.kill(worker)
    await plaudit.start("worker")
    await until(plaudit, "select count(*) from bulk_import where state = 'COMPLETED'")
    (event,) = await plaudit.world.follow("owner", PROGRESS, id=key)
    last = event["data"]["importProgress"]
    assert (last["invitedRows"], last["skippedRows"], last["invalidRows"], last["totalRows"]) == (ROWS, 1, 1, ROWS + 2)
    found = await counts(plaudit)
    assert (found["invitations"], found["customers"], found["messages"]) == (ROWS, ROWS, 4 * ROWS)


async def test_no_message_is_sent_twice_after_its_worker_is_killed(plaudit: Processes) -> None:
    worker = await plaudit.start("worker")
    await begin(plaudit, "sending")
    for number in (200, 900):
        await until(plaudit, "select count(*) >= $1 from message where state = 'SENT'", number)
        await plaudit.kill(worker)
        worker = await plaudit.start("worker")
    settled = "select count(*) = $1 from message where step = 1 and state in ('SENT', 'UNKNOWN')"
    await until(plaudit, settled, ROWS)
    found, recipients = await counts(plaudit), Counter(plaudit.world.relay.recipients)
    assert max(recipients.values()) == 1
    assert found["unknown"] <= 2 * 4  # at most one for each kill and connection
    assert found["sent"] <= len(recipients) <= found["sent"] + found["unknown"]
    assert (found["charged"], found["reserved"]) == (found["sent"], found["unknown"])


async def test_three_workers_of_which_one_is_killed_and_one_stopped_send_everything_once(plaudit: Processes) -> None:
    killed, stopped, last = [await plaudit.start("worker") for _ in range(3)]
    await begin(plaudit, "together", 600)
    await until(plaudit, "select count(*) >= 100 from message where state = 'SENT'")
    await plaudit.kill(killed)
    await plaudit.kill(stopped, SIGTERM)
    assert (stopped.returncode, last.returncode) == (0, None)
    settled = "select count(*) = $1 from message where step = 1 and state in ('SENT', 'UNKNOWN')"
    await until(plaudit, settled, 600)
    # Copies, not recipients: a stopped worker gives back what it has named to the relay without sending the text.
    found, copies = await counts(plaudit), plaudit.world.relay.copies
    assert max(copies.values()) == 1
    assert found["unknown"] <= 4  # at most one for each connection of the killed worker
    assert found["sent"] <= len(copies) <= found["sent"] + found["unknown"]
