"""`plaudit import`: the outcome it prints, its exit status, and what it says about mistakes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import models
from bulk_import import runner
from models.clock import clock
from models.rules.enums import AccountKind, BulkImportState, Role
from plaudit.cli.import_list import bar, import_list
from tests import factories as make
from tests.gateway import Api, token

LIST = "Name;E-Mail\nAnn Lee;ann@example.org\nBen Berg;ben@example.org\n"


@asynccontextmanager
async def worker() -> AsyncIterator[None]:
    """Runs imports as they are created."""

    async def work() -> None:
        while True:
            for row in await models.BulkImport.filter(state=BulkImportState.QUEUED):
                await runner.run(row.id)
            await asyncio.sleep(0.05)

    task = asyncio.create_task(work())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def home() -> tuple[str, models.Location]:
    """An owner's token, and their only location."""
    account = await make.account()
    return token(await make.member(account, Role.OWNER)), await make.location(account, steps=(0,))


async def status(api: Api, path: Path, bearer: str, text: str = LIST, **given: Any) -> object:
    """Imports a list with this text; the exit status, which is a sentence after an error."""
    await asyncio.to_thread(path.write_text, text)
    async with worker():
        with pytest.raises(SystemExit) as ended:
            await import_list(path, token=bearer, url=str(api.client.base_url), **given)
    return ended.value.code


async def test_a_list_is_imported_with_the_suggested_mapping(
    api: Api, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bearer, location = await home()
    assert await status(api, tmp_path / "May.csv", bearer) == 0
    printed = capsys.readouterr().out
    assert "Read as UTF-8. Columns: Name=FULL_NAME, E-Mail=EMAIL" in printed
    assert "2  invited" in printed
    row = await models.BulkImport.get(location_id=location.id)
    assert (row.name, row.invited_rows) == ("May", 2)


async def test_rows_that_were_not_taken_are_listed(
    api: Api, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bearer, _ = await home()
    assert await status(api, tmp_path / "list.csv", bearer, LIST + "Cid;wrong\n") == 3
    printed = capsys.readouterr().out
    assert "row 3  INVALID_EMAIL  E-Mail: " in printed
    assert "1  invalid" in printed
    assert "/reports/" in printed


async def test_a_title_that_is_skipped_is_told(api: Api, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bearer, _ = await home()
    assert await status(api, tmp_path / "list.csv", bearer, "Customers 2026\n" + LIST) == 0
    assert "The first row, “Customers 2026”, is taken for a title and skipped" in capsys.readouterr().out


async def test_a_list_without_rows_is_refused(api: Api, tmp_path: Path) -> None:
    bearer, _ = await home()
    assert "no rows below its header" in str(await status(api, tmp_path / "list.csv", bearer, "Name;E-Mail\n"))


async def test_cells_that_were_left_out_are_told_and_change_no_status(
    api: Api, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bearer, _ = await home()
    text = "E-Mail;Phone\n" + "".join(f"ann{row}@example.org;12\n" for row in range(6))
    assert await status(api, tmp_path / "list.csv", bearer, text, column=["E-Mail=EMAIL", "Phone=PHONE"]) == 0
    said = "6  without Phone, which no channel needs: INVALID_PHONE (rows 1, 2, 3, 4, 5, …)"
    assert said in capsys.readouterr().out


async def test_a_dry_run_invites_nobody(api: Api, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bearer, location = await home()
    assert await status(api, tmp_path / "list.csv", bearer, dry_run=True) == 0
    assert "2  would be invited" in capsys.readouterr().out
    assert not await models.Invitation.exists(location_id=location.id)


async def test_a_dry_run_prints_when_sending_would_end_and_what_it_takes_of_the_allowance(
    api: Api, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clock.set(datetime(2026, 5, 4, 8, tzinfo=UTC))
    bearer, _ = await home()
    assert await status(api, tmp_path / "list.csv", bearer, dry_run=True, per_hour=1) == 0
    printed = capsys.readouterr().out
    assert "Sending would end on 2026-05-04 at 11:00 (Europe/Berlin)" in printed
    assert "2  of 5,000 left in the billing cycle from 2026-05-01" in printed


async def test_a_clients_own_member_is_told_no_allowance(
    api: Api, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    agency = await make.account(kind=AccountKind.AGENCY)
    client = await make.account(kind=AccountKind.AGENCY_CLIENT, agency_id=agency.id)
    await make.location(client, steps=(0,))
    bearer = token(await make.member(client))
    assert await status(api, tmp_path / "list.csv", bearer, dry_run=True, per_hour=1) == 0
    printed = capsys.readouterr().out
    assert "Sending would end on" in printed
    assert "billing cycle" not in printed


async def test_the_mapping_can_be_given(api: Api, tmp_path: Path) -> None:
    bearer, location = await home()
    text = "Contact\nann@example.org\n"
    assert await status(api, tmp_path / "list.csv", bearer, text, column=["Contact=EMAIL"]) == 0
    assert await models.Customer.exists(location_id=location.id, email="ann@example.org")


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"column": ["E-Mail"]}, "names no field"),
        ({"column": ["E-Mail=MAIL"]}, "The fields are FIRST_NAME"),
        ({"column": ["Mail=EMAIL"]}, "no column 'Mail'"),
        ({"location": "Nowhere"}, "No location has the id or name “Nowhere”. The account has: "),
        ({"per_hour": 0}, "perHour must be from 1"),
    ],
)
async def test_mistakes_are_explained(api: Api, tmp_path: Path, given: dict[str, Any], sentence: str) -> None:
    bearer, _ = await home()
    assert sentence in str(await status(api, tmp_path / "list.csv", bearer, **given))


async def of_two_locations(*names: str) -> tuple[str, list[models.Location]]:
    """An owner's token, and locations with these names."""
    account = await make.account()
    locations = [await make.location(account, steps=(0,), name=name) for name in names]
    return token(await make.member(account, Role.OWNER)), locations


async def test_a_locations_name_can_be_written_in_another_case(api: Api, tmp_path: Path) -> None:
    bearer, (_, mitte) = await of_two_locations("Berlin Kreuzberg", "Berlin Mitte")
    assert await status(api, tmp_path / "list.csv", bearer, location="berlin mitte") == 0
    assert (await models.BulkImport.get(location_id=mitte.id)).invited_rows == 2


async def test_the_case_of_a_locations_name_decides_between_two(api: Api, tmp_path: Path) -> None:
    bearer, (lower, _) = await of_two_locations("mitte", "Mitte")
    assert await status(api, tmp_path / "list.csv", bearer, location="mitte") == 0
    assert (await models.BulkImport.get(location_id=lower.id)).invited_rows == 2
    said = str(await status(api, tmp_path / "list.csv", bearer, location="MITTE"))
    assert said.startswith("Several locations have the name “MITTE”; name one by its id: loc_")


async def test_a_location_must_be_named_if_there_are_several(api: Api, tmp_path: Path) -> None:
    bearer, _ = await of_two_locations("Mitte", "Kreuzberg")
    said = str(await status(api, tmp_path / "list.csv", bearer))
    assert said.startswith("Name one location with --location. The account has: ")
    assert "Mitte" in said


async def test_a_terminal_obeys_nothing_in_a_list(api: Api, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bearer, _ = await home()
    assert await status(api, tmp_path / "list.csv", bearer, LIST + "Cid;\x1b[2Jcid\x9b@example.org\n") == 3
    assert all(character.isprintable() or character == "\n" for character in capsys.readouterr().out)


async def test_a_terminal_obeys_nothing_in_the_names_of_columns(api: Api, tmp_path: Path) -> None:
    bearer, _ = await home()
    said = str(await status(api, tmp_path / "list.csv", bearer, "E-Mail;\x1b[2J\nx;y\n", column=["Mail=EMAIL"]))
    assert "it has: E-Mail" in said
    assert said.isprintable()


@pytest.mark.parametrize("bearer", ["two\nlines", "ä", "a b", ""])
async def test_a_token_with_impossible_characters_is_not_repeated(api: Api, tmp_path: Path, bearer: str) -> None:
    said = str(await status(api, tmp_path / "list.csv", bearer))
    assert "token" in said.casefold()
    assert len(bearer) < 2 or bearer not in said


async def test_a_token_that_is_not_valid_is_explained(api: Api, tmp_path: Path) -> None:
    assert "Token not valid" in str(await status(api, tmp_path / "list.csv", "nonsense"))


async def test_a_gateway_that_cannot_be_reached_is_named(api: Api, tmp_path: Path) -> None:
    await asyncio.to_thread((tmp_path / "list.csv").write_text, LIST)
    with pytest.raises(SystemExit) as ended:
        await import_list(tmp_path / "list.csv", token="x", url="http://127.0.0.1:1")
    assert "http://127.0.0.1:1 cannot be reached" in str(ended.value.code)


async def test_a_file_that_does_not_exist_is_named(api: Api, tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as ended:
        await import_list(tmp_path / "none.csv", token="x", url=str(api.client.base_url))
    assert "none.csv" in str(ended.value.code)


def test_the_bar_shows_how_far_it_is() -> None:
    line = bar({"percent": 50.0, "processedRows": 1500, "state": "RUNNING"})
    assert line == "[###############...............]  50.0 %      1,500 rows  RUNNING  "
    assert bar({"percent": None, "processedRows": 0, "state": "QUEUED"}).startswith("[.....")
