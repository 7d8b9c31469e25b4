"""A dry run reports what an apply would change, and changes nothing; and what the shell prints."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE
from datetime import UTC, datetime, timedelta

import models
from models.clock import clock
from models.connection import WORK, fetch, pool
from provisioning import apply
from tests import factories as make
from tests.provisioning.bakery import BAKERY, changed, wrong

CHANGED = changed("name: Bakery\n", "name: Kornblume\n", changed("coolDown: 90 days", "coolDown: 0 days"))
_EVERYTHING = """
select (select json_agg(t) from account t)::text, (select json_agg(t order by id) from location t)::text,
  (select json_agg(t order by id) from membership t)::text, (select count(*) from template), (select count(*) from app_user)
"""


async def everything() -> list[object]:
    return [list(row) for row in await fetch(pool(WORK), _EVERYTHING)]


async def test_a_dry_run_on_an_empty_database_makes_nothing() -> None:
    planned = await apply(BAKERY, dry_run=True)
    assert "account bakery: new" in planned.made
    assert await models.Account.all().count() == 0
    assert (await apply(BAKERY)).made == planned.made


async def test_a_dry_run_reports_what_would_change_and_changes_nothing() -> None:
    await apply(BAKERY)
    before = await everything()
    planned = await apply(CHANGED, dry_run=True)
    assert planned.made == ["account bakery: name Bakery → Kornblume", "location bakery/mitte: cool down days 90 → 0"]
    assert await everything() == before
    assert (await apply(CHANGED)).made == planned.made


async def test_a_dry_run_that_is_wrong_is_refused_as_any_other() -> None:
    await apply(BAKERY)
    assert await wrong(changed("anchorDay: 31", "anchorDay: 30", changed("2026-11-30", "2026-10-30")), dry_run=True)


async def shell(db: str, text: str, *options: str) -> tuple[int | None, list[str], str]:
    """Exit status, lines of standard output, standard error."""
    environment = {"PATH": os.environ["PATH"], "PLAUDIT_DATABASE_URL": db, "PLAUDIT_ENV": "development"}
    environment |= {"PLAUDIT_SECRET": "s" * 32, "PLAUDIT_JWT_SECRET": "j" * 32}
    command = (sys.executable, "-m", "plaudit", "apply", *options, "-")
    process = await asyncio.create_subprocess_exec(*command, env=environment, stdin=PIPE, stdout=PIPE, stderr=PIPE)
    out, err = await asyncio.wait_for(process.communicate(text.encode()), 30)
    return process.returncode, out.decode().splitlines(), err.decode()


async def test_the_shell_prints_what_would_change_and_then_what_did(db: str) -> None:
    await apply(BAKERY)
    lines = ["account bakery: name Bakery → Kornblume", "location bakery/mitte: cool down days 90 → 0"]
    dry = await shell(db, CHANGED, "--dry-run")
    assert dry[:2] == (0, ["Dry run, nothing was changed. Without --dry-run:", *lines])
    assert (await shell(db, CHANGED))[:2] == (0, lines)


async def test_the_shell_says_when_there_is_nothing_to_change(db: str) -> None:
    await apply(BAKERY)
    assert (await shell(db, BAKERY))[:2] == (0, ["Nothing to change: everything already matches the file."])


async def test_a_wrong_file_exits_with_1_and_its_problems(db: str) -> None:
    status, out, err = await shell(db, "accounts: 7\n", "--dry-run")
    assert (status, out) == (1, [])
    assert "line 1, accounts" in err


async def test_changed_hours_report_how_many_queued_messages_move() -> None:
    clock.set(datetime(2031, 5, 5, 9, tzinfo=UTC))
    await apply(BAKERY)
    at = await models.Location.get(key="mitte")
    for hours in (1, 8):
        await make.invited(at, send_at=clock.now() + timedelta(hours=hours))
    applied = await apply(changed("EMAIL: always", "EMAIL: 9-17"))
    assert applied.made == [
        "location bakery/mitte: email from hour 0 → 9, email until hour 24 → 17",
        "location bakery/mitte: 3 of 4 queued messages move into the new hours",
    ]
    times = [row.due_at.hour for row in await models.Message.filter(location_id=at.id, step=1).order_by("due_at")]
    assert times == [10, 7]  # in UTC; 9:00 in Berlin


async def test_hours_that_do_not_change_report_nothing() -> None:
    await apply(BAKERY)
    applied = await apply(changed("EMAIL: always, SMS: 8-21", "EMAIL: 0-24, SMS: 8-21"))
    assert applied.made == []
