"""A list run by the real runner: its end, its due times, its customers, its counters, and a change of hands."""

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg
import pytest

import models
from bulk_import import runner
from models.clock import clock
from models.commands import jobs
from models.commands.invite_many import FencedError
from models.connection import WORK, execute, fetch, pool
from models.rules.enums import BulkImportState
from tests import factories as make
from tests.bulk_import.lists import begun, by_sms, people, stored, taken_in, verdicts

pytestmark = pytest.mark.usefixtures("db")
BERLIN = ZoneInfo("Europe/Berlin")


async def invited(of: models.Account) -> list[str]:
    rows = await models.Customer.filter(account_id=of.id, latest_invitation_id__isnull=False)
    return sorted(row.email or "" for row in rows)


async def first_due(key: UUID) -> list[datetime]:
    """When the first messages of an import are due, local to Berlin."""
    rows = await fetch(
        pool(WORK),
        "select m.due_at from message m join invitation i on i.id = m.invitation_id "
        "where i.bulk_import_id = $1 and m.step = 1 order by m.due_at",
        key,
    )
    return [row["due_at"].astimezone(BERLIN) for row in rows]


async def test_a_list_with_more_records_than_the_plan_takes_fails_and_nobody_is_invited() -> None:
    account = await make.account(overrides={"upload_rows": 3})
    location = await make.location(account)
    whole = await stored(await taken_in(location, *people(3, "three")))
    assert (whole.state, whole.invited_rows) == (BulkImportState.COMPLETED, 3)
    failed = await stored(await taken_in(location, *people(4, "four")))
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
async def test_a_file_whose_header_is_not_there_any_more_fails_with_what_to_do(header: str, sentence: str) -> None:
    location = await make.location(await make.account())
    failed = await stored(await taken_in(location, "Ben,Jones,ben@example.org,", header=header))
    assert failed.state is BulkImportState.FAILED
    assert sentence in (failed.error or "")
    assert failed.finished_at is not None


async def test_a_quotation_mark_left_open_far_into_the_file_fails_it_before_anybody_is_invited() -> None:
    account = await make.account()
    records = people(2500, "open")
    records[1500] = f'"{records[1500]}'
    records[2000] = '"Kim, K",Lee,kim@example.org,'
    failed = await stored(await taken_in(await make.location(account), *records))
    assert failed.state is BulkImportState.FAILED
    assert "starts at line 1502 " in (failed.error or "")
    assert await invited(account) == []


async def test_so_many_an_hour_are_due_inside_the_window_from_one_chunk_to_the_next() -> None:
    clock.set(datetime(2026, 5, 4, 15, 30, tzinfo=UTC))
    location = await make.location(await make.account(), steps=(0,), email_from_hour=9, email_until_hour=19)
    times = await first_due(await taken_in(location, *people(1200, "hour"), per_hour=120))
    assert times[0] == datetime(2026, 5, 4, 17, 30, tzinfo=BERLIN)
    assert {later - time for time, later in pairwise(times[:180])} == {timedelta(seconds=30)}
    assert times[180] == datetime(2026, 5, 5, 9, tzinfo=BERLIN)
    assert times[-1] == datetime(2026, 5, 5, 17, 29, 30, tzinfo=BERLIN)


async def test_a_list_spread_over_days_fills_their_windows_evenly() -> None:
    clock.set(datetime(2026, 5, 4, 5, tzinfo=UTC))
    location = await make.location(await make.account(), steps=(0,), email_from_hour=9, email_until_hour=19)
    times = await first_due(await taken_in(location, *people(1500, "days"), spread_over_days=3))
    assert all(9 <= time.hour < 19 for time in times)
    assert [sum(time.day == day for time in times) for day in (4, 5, 6)] == [500, 500, 500]


async def test_blanks_of_a_known_customer_are_filled_in_and_nothing_else_is_overwritten() -> None:
    location = await by_sms(await make.location(await make.account(), cool_down_days=0))
    key = await make.invited(location, make.person(email="ann@example.org", first_name=None, last_name=None))
    await models.Invitation.filter(id=key).update(state="COMPLETED")
    await taken_in(location, "Ann,Jones,ann@example.org,0151 1234 5678")
    (ann,) = await models.Customer.filter(location_id=location.id)
    assert (ann.first_name, ann.last_name, ann.email) == ("Ann", "Jones", "ann@example.org")
    assert (ann.phone, ann.phone_national) == ("+4915112345678", "015112345678")


@pytest.mark.parametrize("known", [("Ann", None), (None, "Smith"), ("Ann", "Smith")])
async def test_a_known_name_is_never_completed_by_another_record(known: tuple[str | None, str | None]) -> None:
    location = await make.location(await make.account(), cool_down_days=0)
    key = await make.invited(location, make.person(email="us@example.org", first_name=known[0], last_name=known[1]))
    await models.Invitation.filter(id=key).update(state="COMPLETED")
    assert await verdicts(await taken_in(location, "Berta,Klein,us@example.org,")) == [None]
    (one,) = await models.Customer.filter(location_id=location.id)
    assert (one.first_name, one.last_name) == known


async def test_a_customer_known_by_phone_alone_gets_the_mail_address_and_one_that_has_one_keeps_it() -> None:
    location = await by_sms(await make.location(await make.account(), steps=()))
    for mail, phone in ((None, "+4915112345678"), ("ben@example.org", "+4915199999999")):
        key = await make.invited(location, make.person(email=mail, phone=phone), channels=["SMS"])
        await models.Invitation.filter(id=key).update(state="COMPLETED")
    records = ["Ann,A,ann@example.org,0151 1234 5678", "Benno,B,benno@example.org,0151 9999 9999"]
    assert await verdicts(await taken_in(location, *records, channels=["SMS"])) == [None, None]
    known = await models.Customer.filter(location_id=location.id).order_by("email")
    assert [(one.email, one.phone) for one in known] == [
        ("ann@example.org", "+4915112345678"),
        ("ben@example.org", "+4915199999999"),
        ("benno@example.org", "+4915199999999"),
    ]


async def test_where_mail_and_phone_point_to_two_the_mail_address_wins() -> None:
    location = await by_sms(await make.location(await make.account(), cool_down_days=0))
    by_mail = await make.invited(location, make.person(email="ann@example.org"))
    by_phone = await make.invited(location, make.person(email=None, phone="+4915112345678"), channels=["SMS"])
    await models.Invitation.filter(id__in=[by_mail, by_phone]).update(state="COMPLETED")
    key = await taken_in(location, "Ann,A,ann@example.org,0151 1234 5678")
    (made,) = await models.Invitation.filter(bulk_import_id=key)
    assert made.customer_id == (await models.Invitation.get(id=by_mail)).customer_id
    assert await models.Customer.filter(location_id=location.id).count() == 2


def mixed(number: int) -> list[str]:
    """Some of these are invalid, some stand there twice."""
    records = people(number, "mixed")
    records[::50] = ["Nobody,,,"] * len(records[::50])
    records[10::50] = [records[11]] * len(records[10::50])
    return records


async def test_whatever_is_stored_of_the_progress_adds_up_at_every_moment() -> None:
    account = await make.account()
    key = await begun(await make.location(account), *mixed(2500))
    seen = [await stored(key)]
    while seen[-1].state is not BulkImportState.COMPLETED:
        await runner.run_slice(key, chunks=1)
        seen.append(row := await stored(key))
        assert row.judged_rows == row.invited_rows + row.skipped_rows + row.invalid_rows
        assert row.invited_rows == await models.Invitation.filter(bulk_import_id=key).count()
    assert [row.judged_rows for row in seen] == sorted(row.judged_rows for row in seen)
    assert {0, 1000, 2000, 2500} <= {row.judged_rows for row in seen}
    assert (seen[-1].total_rows, seen[-1].skipped_rows, seen[-1].invalid_rows) == (2500, 50, 50)


async def test_workers_that_take_an_import_out_of_each_others_hands_lose_no_record_and_take_none_twice() -> None:
    account = await make.account()
    key = await begun(await make.location(account, steps=(0,)), *mixed(3200))
    while (await stored(key)).state is not BulkImportState.COMPLETED:
        await asyncio.gather(*(runner.run_slice(key, chunks=2) for _ in range(2)))
    row = await stored(key)
    assert row.fence > 4
    assert (row.total_rows, row.judged_rows, row.invited_rows) == (3200, 3200, 3200 - 64 - 64)
    codes = await verdicts(key)
    assert [codes.count(code) for code in (None, "MISSING_CONTACT", "DUPLICATE_IN_FILE")] == [3072, 64, 64]
    assert len(set(await invited(account))) == await models.Invitation.filter(bulk_import_id=key).count() == 3072


async def break_off(key: UUID) -> None:
    """A worker takes it up and dies."""
    assert await runner._claim(key) is not None


async def test_an_import_that_breaks_off_a_third_time_is_tried_once_more_and_then_fails() -> None:
    key = await begun(await make.location(await make.account()), *people(1, "breaks"))
    for _ in range(3):
        await break_off(key)
        assert (await stored(key)).state is BulkImportState.RUNNING
    assert await runner.run_slice(key) is False
    failed = await stored(key)
    assert failed.state is BulkImportState.FAILED
    assert "failed three times" in (failed.error or "")
    assert failed.invited_rows == 0


async def test_whatever_was_done_meanwhile_an_import_may_break_off_three_times_again() -> None:
    key = await begun(await make.location(await make.account(), steps=(0,)), *people(1500, "again"))
    for _ in range(4):
        for _ in range(2):
            await break_off(key)
        await runner.run_slice(key, chunks=1)
    assert (await stored(key)).state is BulkImportState.COMPLETED


@pytest.mark.parametrize("chunks", [1, 3])
async def test_whoever_lost_an_import_to_another_worker_stores_nothing_more(chunks: int) -> None:
    """While the file is read, and while its records get their verdicts."""
    key = await begun(await make.location(await make.account(), steps=(0,)), *people(2500, "lost"))
    await runner.run_slice(key, chunks)
    mine = await runner._claim(key)
    assert mine is not None
    await runner.run_slice(key, 1)
    theirs = await models.BulkImport.filter(id=key).values()
    with pytest.raises(FencedError):
        await runner._work(mine, 1)
    assert await models.BulkImport.filter(id=key).values() == theirs


async def test_an_import_without_a_job_gets_one_again() -> None:
    key = await begun(await make.location(await make.account()), *people(3, "idle"))
    await runner.resume_idle()
    assert key.hex in await jobs.keys(pool(WORK), runner.JOB)
    rows = "select count(*) from jobs.pgqueuer where payload = convert_to($1, 'utf8')"
    await runner.resume_idle()
    assert (await fetch(pool(WORK), rows, key.hex))[0]["count"] == 1
    await runner.run(key)
    await execute(pool(WORK), "delete from jobs.pgqueuer where payload = convert_to($1, 'utf8')", key.hex)
    await runner.resume_idle()
    assert key.hex not in await jobs.keys(pool(WORK), runner.JOB)


async def test_a_session_lost_in_the_middle_is_no_new_start(db: str) -> None:
    key = await begun(await make.location(await make.account()), *people(3000, "lost"))
    running = asyncio.create_task(runner.run_slice(key))
    connection = await asyncpg.connect(db)
    ended = 0
    async with asyncio.timeout(30):
        while ended < 3 and not running.done():
            ended += await connection.fetchval(END_IMPORTING)
            await asyncio.sleep(0.05)
    await connection.close()
    assert await asyncio.wait_for(running, 60) is False
    row = await stored(key)
    assert (row.state, row.invited_rows, row.fence) == (BulkImportState.COMPLETED, 3000, 1)
    assert ended


END_IMPORTING = """
-- How many sessions that work on the rows of an import at this moment were ended?
select count(pg_terminate_backend(pid)) from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid() and state = 'active' and query ~ 'import_row'
"""
