"""Running imports: results, due times, customers, counters, and changes of worker."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg
import pytest

import models
from bulk_import import runner
from bulk_import.row import ParsedRow
from models.clock import clock
from models.commands import jobs
from models.commands.invite_many import ClaimedImport, FencedError
from models.connection import WORK, execute, fetch, pool
from models.rules.enums import BulkImportState
from tests import factories as make
from tests.bulk_import.imports import add_sms_step, create_import, get_import, people, run_import, verdicts

pytestmark = pytest.mark.usefixtures("db")
BERLIN = ZoneInfo("Europe/Berlin")


async def invited(account: models.Account) -> list[str]:
    rows = await models.Customer.filter(account_id=account.id, latest_invitation_id__isnull=False)
    return sorted(row.email or "" for row in rows)


async def first_due(key: UUID) -> list[datetime]:
    """The due times of an import's first messages, in Berlin time."""
    rows = await fetch(
        pool(WORK),
        "select m.due_at from message m join invitation i on i.id = m.invitation_id "
        "where i.bulk_import_id = $1 and m.step = 1 order by m.due_at",
        key,
    )
    return [row["due_at"].astimezone(BERLIN) for row in rows]


async def test_an_import_with_more_records_than_the_plan_allows_fails_without_inviting() -> None:
    account = await make.account(overrides={"upload_rows": 3})
    location = await make.location(account)
    completed = await get_import(await run_import(location, *people(3, "three")))
    assert (completed.state, completed.invited_rows) == (BulkImportState.COMPLETED, 3)
    failed = await get_import(await run_import(location, *people(4, "four")))
    assert failed.state is BulkImportState.FAILED
    assert failed.error == "The file has more than the 3 records that the plan allows."
    assert len(await invited(account)) == 3


@pytest.mark.parametrize(
    ("header", "sentence"),
    [
        ("First,Last,E-Mail,Phone", "The file has no column 'Mail'; it has: First, Last, E-Mail, Phone."),
        ("Ann,Smith,ann@example.org,1", "add a header line above it"),
    ],
)
async def test_an_import_whose_columns_are_missing_fails_with_an_explanation(header: str, sentence: str) -> None:
    location = await make.location(await make.account())
    failed = await get_import(await run_import(location, "Ben,Jones,ben@example.org,", header=header))
    assert failed.state is BulkImportState.FAILED
    assert sentence in (failed.error or "")
    assert failed.finished_at is not None


async def test_an_open_quotation_mark_late_in_the_file_fails_the_import_without_inviting() -> None:
    account = await make.account()
    records = people(2500, "open")
    records[1500] = f'"{records[1500]}'
    records[2000] = '"Kim, K",Lee,kim@example.org,'
    failed = await get_import(await run_import(await make.location(account), *records))
    assert failed.state is BulkImportState.FAILED
    assert "starts at line 1502 " in (failed.error or "")
    assert await invited(account) == []


async def test_an_hourly_speed_is_kept_across_chunks_and_windows() -> None:
    clock.set(datetime(2026, 5, 4, 15, 30, tzinfo=UTC))
    location = await make.location(await make.account(), steps=(0,), email_from_hour=9, email_until_hour=19)
    times = await first_due(await run_import(location, *people(1200, "hour"), per_hour=120))
    assert times[0] == datetime(2026, 5, 4, 17, 30, tzinfo=BERLIN)
    assert {later - time for time, later in pairwise(times[:180])} == {timedelta(seconds=30)}
    assert times[180] == datetime(2026, 5, 5, 9, tzinfo=BERLIN)
    assert times[-1] == datetime(2026, 5, 5, 17, 29, 30, tzinfo=BERLIN)


async def test_an_import_spread_over_days_fills_their_windows_evenly() -> None:
    clock.set(datetime(2026, 5, 4, 5, tzinfo=UTC))
    location = await make.location(await make.account(), steps=(0,), email_from_hour=9, email_until_hour=19)
    times = await first_due(await run_import(location, *people(1500, "days"), spread_over_days=3))
    assert all(9 <= time.hour < 19 for time in times)
    assert [sum(time.day == day for time in times) for day in (4, 5, 6)] == [500, 500, 500]


async def test_missing_values_of_an_existing_customer_are_filled_in() -> None:
    location = await add_sms_step(await make.location(await make.account(), cool_down_days=0))
    key = await make.invited(location, make.person(email="ann@example.org", first_name=None, last_name=None))
    await models.Invitation.filter(id=key).update(state="COMPLETED")
    await run_import(location, "Ann,Jones,ann@example.org,0151 1234 5678")
    (ann,) = await models.Customer.filter(location_id=location.id)
    assert (ann.first_name, ann.last_name, ann.email) == ("Ann", "Jones", "ann@example.org")
    assert (ann.phone, ann.phone_national) == ("+4915112345678", "015112345678")


async def test_an_email_address_is_added_to_a_customer_without_one_and_never_replaced() -> None:
    location = await add_sms_step(await make.location(await make.account(), steps=()))
    for mail, phone in ((None, "+4915112345678"), ("ben@example.org", "+4915199999999")):
        key = await make.invited(location, make.person(email=mail, phone=phone), channels=["SMS"])
        await models.Invitation.filter(id=key).update(state="COMPLETED")
    records = ["Ann,A,ann@example.org,0151 1234 5678", "Benno,B,benno@example.org,0151 9999 9999"]
    assert await verdicts(await run_import(location, *records, channels=["SMS"])) == [None, None]
    known = await models.Customer.filter(location_id=location.id).order_by("email")
    assert [(one.email, one.phone) for one in known] == [
        ("ann@example.org", "+4915112345678"),
        ("ben@example.org", "+4915199999999"),
        ("benno@example.org", "+4915199999999"),
    ]


async def test_the_email_address_wins_if_email_and_phone_match_different_customers() -> None:
    location = await add_sms_step(await make.location(await make.account(), cool_down_days=0))
    by_mail = await make.invited(location, make.person(email="ann@example.org"))
    by_phone = await make.invited(location, make.person(email=None, phone="+4915112345678"), channels=["SMS"])
    await models.Invitation.filter(id__in=[by_mail, by_phone]).update(state="COMPLETED")
    key = await run_import(location, "Ann,A,ann@example.org,0151 1234 5678")
    (invitation,) = await models.Invitation.filter(bulk_import_id=key)
    assert invitation.customer_id == (await models.Invitation.get(id=by_mail)).customer_id
    assert await models.Customer.filter(location_id=location.id).count() == 2


def mixed(number: int) -> list[str]:
    """Records of which some are invalid and some are duplicates."""
    records = people(number, "mixed")
    records[::50] = ["Nobody,,,"] * len(records[::50])
    records[10::50] = [records[11]] * len(records[10::50])
    return records


async def test_progress_counters_add_up_after_every_chunk() -> None:
    account = await make.account()
    key = await create_import(await make.location(account), *mixed(2500))
    seen = [await get_import(key)]
    while seen[-1].state is not BulkImportState.COMPLETED:
        await runner.run_slice(key, chunks=1)
        seen.append(row := await get_import(key))
        assert row.judged_rows == row.invited_rows + row.skipped_rows + row.invalid_rows
        assert row.invited_rows == await models.Invitation.filter(bulk_import_id=key).count()
    assert [row.judged_rows for row in seen] == sorted(row.judged_rows for row in seen)
    assert {0, 1000, 2000, 2500} <= {row.judged_rows for row in seen}
    assert (seen[-1].total_rows, seen[-1].skipped_rows, seen[-1].invalid_rows) == (2500, 50, 50)


async def test_competing_workers_neither_lose_nor_duplicate_records() -> None:
    account = await make.account()
    key = await create_import(await make.location(account, steps=(0,)), *mixed(3200))
    while (await get_import(key)).state is not BulkImportState.COMPLETED:
        await asyncio.gather(*(runner.run_slice(key, chunks=2) for _ in range(2)))
    row = await get_import(key)
    assert row.fence > 4
    assert (row.total_rows, row.judged_rows, row.invited_rows) == (3200, 3200, 3200 - 64 - 64)
    codes = await verdicts(key)
    assert [codes.count(code) for code in (None, "MISSING_CONTACT", "DUPLICATE_IN_FILE")] == [3072, 64, 64]
    assert len(set(await invited(account))) == await models.Invitation.filter(bulk_import_id=key).count() == 3072


async def claim_and_crash(key: UUID) -> None:
    """Claims the import like a worker that then crashes."""
    assert await runner._claim(key) is not None


async def test_an_import_fails_after_three_errors_at_the_same_place() -> None:
    key = await create_import(await make.location(await make.account()), *people(1, "breaks"))
    await models.BulkImport.filter(id=key).update(mapping=[{"column": "Mail"}])  # as nobody could ask for
    for _ in range(3):
        assert (await get_import(key)).state is not BulkImportState.FAILED
        with pytest.raises(KeyError):
            await runner.run_slice(key)
    failed = await get_import(key)
    assert failed.state is BulkImportState.FAILED
    assert "broke off several times" in (failed.error or "")
    assert failed.invited_rows == 0


async def test_lost_workers_fail_an_import_only_after_very_many() -> None:
    location = await make.location(await make.account())
    good, bad = [await create_import(location, *people(1, name)) for name in ("good", "bad")]
    for key, number in ((good, runner.MAX_STARTS - 1), (bad, runner.MAX_STARTS)):
        for _ in range(number):
            await claim_and_crash(key)
        assert await runner.run_slice(key) is False
    assert (await get_import(good)).state is BulkImportState.COMPLETED
    assert (await get_import(bad)).state is BulkImportState.FAILED


async def test_progress_resets_the_number_of_lost_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "MAX_STARTS", 3)
    key = await create_import(await make.location(await make.account(), steps=(0,)), *people(1500, "again"))
    for _ in range(4):
        for _ in range(2):
            await claim_and_crash(key)
        await runner.run_slice(key, chunks=1)
    assert (await get_import(key)).state is BulkImportState.COMPLETED


@pytest.mark.parametrize("chunks", [1, 3])
async def test_a_worker_that_lost_its_import_to_another_stores_nothing(chunks: int) -> None:
    """While reading the file (1 chunk), and while inviting (3 chunks)."""
    key = await create_import(await make.location(await make.account(), steps=(0,)), *people(2500, "lost"))
    await runner.run_slice(key, chunks)
    claim = await runner._claim(key)
    assert claim is not None
    await runner.run_slice(key, 1)
    before = await models.BulkImport.filter(id=key).values()
    with pytest.raises(FencedError):
        await runner._work(claim, 1)
    assert await models.BulkImport.filter(id=key).values() == before


async def test_an_import_without_a_job_gets_a_new_one() -> None:
    key = await create_import(await make.location(await make.account()), *people(3, "idle"))
    await runner.resume_idle()
    assert key.hex in await jobs.keys(pool(WORK), runner.JOB)
    count = "select count(*) from jobs.pgqueuer where payload = convert_to($1, 'utf8')"
    await runner.resume_idle()
    assert (await fetch(pool(WORK), count, key.hex))[0]["count"] == 1
    await runner.run(key)
    await execute(pool(WORK), "delete from jobs.pgqueuer where payload = convert_to($1, 'utf8')", key.hex)
    await runner.resume_idle()
    assert key.hex not in await jobs.keys(pool(WORK), runner.JOB)


async def test_an_import_survives_lost_sessions_without_restarting(db: str) -> None:
    key = await create_import(await make.location(await make.account()), *people(3000, "lost"))
    running = asyncio.create_task(runner.run_slice(key))
    connection = await asyncpg.connect(db)
    ended = 0
    async with asyncio.timeout(30):
        while ended < 3 and not running.done():
            ended += await connection.fetchval(END_IMPORTING_SESSIONS)
            await asyncio.sleep(0.05)
    await connection.close()
    assert await asyncio.wait_for(running, 60) is False
    row = await get_import(key)
    assert (row.state, row.invited_rows, row.fence) == (BulkImportState.COMPLETED, 3000, 1)
    assert ended


END_IMPORTING_SESSIONS = """
-- Ends the sessions that are working on an import's rows, and returns their number.
select count(pg_terminate_backend(pid)) from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid() and state = 'active' and query ~ 'import_row'
"""


@pytest.mark.parametrize(
    ("size", "seconds", "following"),
    [(250, 0.01, 500), (1000, 0.2, 1000), (1000, 1.0, 500), (1000, 5.0, 100), (2, 9.0, 1), (1, 0.0, 2)],
)
def test_chunks_are_as_large_as_others_can_wait_for(size: int, seconds: float, following: int) -> None:
    assert runner.next_size(size, seconds) == following


@pytest.mark.parametrize("end", [runner._finish, lambda claimed: runner._fail(claimed, "It broke off.")])
async def test_only_the_worker_that_has_an_import_ends_it(end: Callable[[ClaimedImport], Awaitable[None]]) -> None:
    key = await create_import(await make.location(await make.account()), *people(1, "end"))
    before, present = await runner._claim(key), await runner._claim(key)
    assert before
    assert present
    await end(before)
    assert (await get_import(key)).state is BulkImportState.RUNNING
    await end(present)
    assert (await get_import(key)).state is not BulkImportState.RUNNING


async def test_rows_that_could_not_be_stored_are_not_counted_as_read() -> None:
    key = await create_import(await make.location(await make.account()), *people(1, "store"))
    claimed = await runner._claim(key)
    assert claimed
    twice = [ParsedRow(1, []), ParsedRow(1, [])]
    with pytest.raises(asyncpg.UniqueViolationError):
        await runner._store_rows(claimed, twice, ended=True, again=False)
    row = await get_import(key)
    assert (row.parsed_rows, row.total_rows) == (0, None)
