"""Dry runs, and starting, pausing, resuming and cancelling imports through the API."""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest

import models
from bulk_import import runner, tasks
from models.clock import clock
from models.commands import import_control, jobs
from models.connection import WORK, pool
from models.rules import ids
from models.rules.enums import BulkImportState, InvitationState, MessageState, Role
from tests import factories as make
from tests.bulk_import.imports import MAPPING, add_sms_step, create_import, get_import, people, verdicts
from tests.gateway import Api, Json
from tests.models.commands import deliveries
from tests.resolvers.test_bulk_imports import agency, begin, list_of, upload
from tests.resolvers.test_commands import codes, place
from tests.years import set_unused_year

PAYLOAD = """{ bulkImport { id progress { state totalRows processedRows seq } } userErrors { code field message } }"""


async def control(api: Api, who: models.User, what: str, key: UUID) -> Json:
    """Pauses, resumes or cancels an import."""
    text = f"mutation ($input: BulkImportControlInput!) {{ {what}BulkImport(input: $input) {PAYLOAD} }}"
    given = {"bulkImportId": ids.public_id(ids.BULK_IMPORT, key)}
    found: Json = (await api.data(who, text, input=given))[f"{what}BulkImport"]
    return found


async def start(api: Api, who: models.User, key: UUID, **given: object) -> Json:
    text = f"mutation ($input: StartBulkImportInput!) {{ startBulkImport(input: $input) {PAYLOAD} }}"
    wanted = {"bulkImportId": ids.public_id(ids.BULK_IMPORT, key)} | given
    found: Json = (await api.data(who, text, input=wanted))["startBulkImport"]
    return found


async def home(**given: Any) -> tuple[models.User, models.Account, models.Location]:
    """An owner, the account, and a location that sends one e-mail at any hour."""
    account = await make.account(**given)
    location = await make.location(account, steps=(0,), email_from_hour=0, email_until_hour=24)
    return await make.member(account, Role.OWNER), account, location


async def invitations(key: UUID) -> list[models.Invitation]:
    return await models.Invitation.filter(bulk_import_id=key).order_by("id")


async def states(key: UUID) -> dict[UUID, InvitationState]:
    return {row.id: row.state for row in await invitations(key)}


async def message_states(key: UUID) -> set[MessageState]:
    owners = [row.id for row in await invitations(key)]
    return {row.state for row in await models.Message.filter(invitation_id__in=owners)}


async def test_a_dry_run_invites_nobody_and_tells_who_would_be(api: Api) -> None:
    owner, _, location = await place()
    sent = await upload(api, owner, "E-Mail\nann@example.org\nann@example.org\nwrong\nben@example.org\n")
    begun = await begin(api, owner, list_of(location, sent) | {"dryRun": True})
    key = ids.parse_id(ids.BULK_IMPORT, begun["bulkImport"]["id"])
    assert key is not None
    await runner.run(key)
    row = await get_import(key)
    assert (row.state, row.invited_rows, row.skipped_rows, row.invalid_rows) == (BulkImportState.VALIDATED, 2, 1, 1)
    assert await invitations(key) == []
    assert (await make.usage(await models.Account.get(id=row.account_id))) == make.Usage(invited=0, reserved=0)


async def is_dry_run(api: Api, who: models.User, key: UUID) -> tuple[bool, str]:
    """Whether an import says that it is a dry run, and its state."""
    text = "query ($id: ID!) { node(id: $id) { ... on BulkImport { dryRun progress { state } } } }"
    found = (await api.data(who, text, id=ids.public_id(ids.BULK_IMPORT, key)))["node"]
    return found["dryRun"], found["progress"]["state"]


async def test_an_import_is_a_dry_run_until_it_is_started(api: Api) -> None:
    owner, _account, location = await home()
    key = await create_import(location, *people(1, "told"), dry_run=True)
    await runner.run(key)
    assert await is_dry_run(api, owner, key) == (True, "VALIDATED")
    await start(api, owner, key)
    assert await is_dry_run(api, owner, key) == (False, "QUEUED")


async def test_a_cancelled_dry_run_is_told_from_a_cancelled_import(api: Api) -> None:
    owner, _account, location = await home()
    for dry_run in (True, False):
        key = await create_import(location, *people(1, f"cancelled-{dry_run}"), dry_run=dry_run)
        await control(api, owner, "cancel", key)
        assert await is_dry_run(api, owner, key) == (dry_run, "CANCELLED")


async def test_a_dry_run_counts_the_allowance_over_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "CHUNK", 3)
    _, _, location = await home(overrides={"invitations": 5})
    key = await create_import(location, *people(8, "chunk"), dry_run=True)
    await runner.run(key)
    assert await verdicts(key) == [None] * 5 + ["NO_ALLOWANCE"] * 3


async def test_starting_a_checked_import_invites_and_judges_anew(api: Api) -> None:
    owner, _account, location = await home(overrides={"invitations": 3})
    key = await create_import(location, *people(4, "anew"), dry_run=True)
    await runner.run(key)
    before = await get_import(key)
    await models.Account.filter(id=location.account_id).update(overrides={})
    started = await start(api, owner, key)
    progress = started["bulkImport"]["progress"]
    assert (progress["state"], progress["totalRows"], progress["processedRows"]) == ("QUEUED", 4, 0)
    assert progress["seq"] > before.seq
    await runner.run(key)
    row = await get_import(key)
    assert (row.state, row.invited_rows, row.skipped_rows) == (BulkImportState.COMPLETED, 4, 0)
    assert await verdicts(key) == [None] * 4
    assert len(await invitations(key)) == 4


async def test_a_dry_run_without_anybody_to_invite_is_judged_anew_too(api: Api) -> None:
    owner, _account, location = await home(overrides={"invitations": 0})
    key = await create_import(location, *people(2, "nobody"), dry_run=True)
    await runner.run(key)
    assert await verdicts(key) == ["NO_ALLOWANCE"] * 2
    await models.Account.filter(id=location.account_id).update(overrides={})
    await start(api, owner, key)
    await runner.run(key)
    assert await verdicts(key) == [None] * 2


async def test_other_channels_at_the_start_read_the_file_anew(api: Api) -> None:
    owner, _account, location = await home()
    await add_sms_step(location)
    records = ["Ann,A,,0151 12345678", "Ben,B,ben@example.org,"]
    key = await create_import(location, *records, dry_run=True)
    await runner.run(key)
    assert await verdicts(key) == ["MISSING_CONTACT", None]
    started = await start(api, owner, key, channels=["SMS"])
    assert started["bulkImport"]["progress"]["totalRows"] == 2
    await runner.run(key)
    assert await verdicts(key) == [None, "MISSING_CONTACT"]
    assert (await get_import(key)).state is BulkImportState.COMPLETED


@pytest.mark.parametrize(("channels", "left"), [(["SMS"], []), (None, ["Phone"])])
async def test_warnings_begin_anew_only_if_the_file_is_read_anew(
    api: Api, channels: list[str] | None, left: list[str]
) -> None:
    owner, _account, location = await home()
    await add_sms_step(location)
    key = await create_import(location, *people(1, "warned"), dry_run=True)
    await runner.run(key)
    warning = {"code": "INVALID_PHONE", "column": "Phone", "count": 1, "rows": [1]}
    await models.BulkImport.filter(id=key).update(warnings=[warning])
    await start(api, owner, key, channels=channels)
    assert [one["column"] for one in (await get_import(key)).warnings] == left


async def test_a_finished_list_is_sent_by_another_channel_as_a_new_import(api: Api) -> None:
    owner, _account, location = await home()
    await add_sms_step(location)
    key = await create_import(location, "Ann,A,ann@example.org,0151 12345678")
    await runner.run(key)
    assert codes(await start(api, owner, key)) == [("INVALID", ["channels"])]
    assert codes(await start(api, owner, key, channels=["EMAIL"])) == [("INVALID", ["channels"])]
    started = await start(api, owner, key, channels=["SMS"])
    again = ids.parse_id(ids.BULK_IMPORT, started["bulkImport"]["id"])
    assert again is not None
    assert again != key
    await runner.run(again)
    assert [row.channels for row in await invitations(again)] == [["SMS"]]


async def test_a_list_is_not_started_for_a_channel_without_a_column_of_addresses(api: Api) -> None:
    owner, _account, location = await home()
    await add_sms_step(location)
    for dry_run in (True, False):
        key = await create_import(location, *people(1, f"column-{dry_run}"), mapping=MAPPING[:3], dry_run=dry_run)
        await runner.run(key)
        assert codes(await start(api, owner, key, channels=["SMS"])) == [("INVALID_MAPPING", ["channels"])]


async def test_channels_given_at_the_start_are_at_least_one(api: Api) -> None:
    owner, _account, location = await home()
    key = await create_import(location, *people(1, "none"), dry_run=True)
    await runner.run(key)
    assert codes(await start(api, owner, key, channels=[])) == [("INVALID", ["channels"])]


async def test_a_channel_without_a_step_is_no_other_channel(api: Api) -> None:
    owner, _account, location = await home()
    key = await create_import(location, *people(1, "reached"))
    await runner.run(key)
    assert codes(await start(api, owner, key, channels=["SMS", "EMAIL"])) == [("INVALID", ["channels"])]
    await add_sms_step(location)
    assert codes(await start(api, owner, key, channels=["SMS", "EMAIL"])) == []


async def test_only_checked_and_finished_imports_can_be_started(api: Api) -> None:
    owner, _account, location = await home()
    key = await create_import(location, *people(1, "queued"))
    assert codes(await start(api, owner, key)) == [("INVALID", ["bulkImportId"])]


async def test_a_paused_import_processes_no_further_chunk_and_goes_on_when_resumed(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "CHUNK", 2)
    owner, _account, location = await home()
    key = await create_import(location, *people(6, "pause"))
    assert await runner.run_slice(key, 5)
    paused = await control(api, owner, "pause", key)
    assert (paused["bulkImport"]["progress"]["state"], paused["userErrors"]) == ("PAUSED", [])
    assert not await runner.run_slice(key)
    done = (await get_import(key)).judged_rows
    assert 0 < done < 6
    resumed = await control(api, owner, "resume", key)
    assert resumed["bulkImport"]["progress"]["state"] == "RUNNING"
    assert key.hex in await jobs.keys(pool(WORK), runner.JOB)
    await runner.run(key)
    assert len(await invitations(key)) == 6


async def test_a_list_that_is_paused_while_it_is_processed_keeps_its_send_speed(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "CHUNK", 2)
    began = set_unused_year()
    owner, _account, location = await home()
    key = await create_import(location, *people(8, "speed"), per_hour=60)
    assert await runner.run_slice(key, 6)
    assert 0 < (await get_import(key)).judged_rows < 8
    clock.move(timedelta(seconds=10))
    await control(api, owner, "pause", key)
    clock.move(timedelta(minutes=30))
    await control(api, owner, "resume", key)
    await runner.run(key)
    due = sorted(message.due_at for message in await models.Message.filter(location_id=location.id, step=1))
    assert due[0] == began + timedelta(minutes=30)
    assert {later - earlier for earlier, later in pairwise(due)} == {timedelta(minutes=1)}


async def test_pausing_often_is_no_reason_to_give_up(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "MAX_STARTS", 3)
    owner, _account, location = await home()
    key = await create_import(location, *people(1, "often"))
    for _ in range(5):
        await control(api, owner, "pause", key)
        await control(api, owner, "resume", key)
        await runner._claim(key)
    await runner.run(key)
    assert (await get_import(key)).state is BulkImportState.COMPLETED


async def test_a_finished_import_that_is_paused_sends_nothing_until_it_is_resumed(api: Api) -> None:
    owner, account, location = await home()
    key = await create_import(location, *people(2, "sending"))
    await runner.run(key)
    await control(api, owner, "pause", key)
    assert await deliveries.claim_and_stamp(account) == []
    text = "query ($id: ID!) { node(id: $id) { ... on Invitation { state stateReason } } }"
    one = ids.public_id(ids.INVITATION, (await invitations(key))[0].id)
    assert (await api.data(owner, text, id=one))["node"] == {"state": "HELD", "stateReason": "IMPORT_PAUSED"}
    clock.set(clock.now() + timedelta(hours=2))
    resumed = await control(api, owner, "resume", key)
    assert resumed["bulkImport"]["progress"]["state"] == "COMPLETED"
    assert len(await deliveries.claim_and_stamp(account)) == 2


async def test_a_change_of_the_location_does_not_release_a_paused_import(api: Api) -> None:
    owner, account, location = await home()
    key = await create_import(location, *people(1, "released"))
    await runner.run(key)
    await control(api, owner, "pause", key)
    text = "mutation ($input: ReleaseLocationInput!) { releaseLocation(input: $input) { userErrors { code } } }"
    await api.data(owner, text, input={"locationId": ids.public_id(ids.LOCATION, location.id)})
    assert await deliveries.claim_and_stamp(account) == []


async def test_a_cancelled_import_ends_what_it_invited_and_returns_the_allowance(api: Api) -> None:
    owner, account, location = await home()
    key = await create_import(location, *people(3, "cancel"))
    await runner.run(key)
    first, *others = await deliveries.claim_and_stamp(account)
    await deliveries.settle([first], MessageState.SENT)
    await deliveries.settle(others, MessageState.SCHEDULED)
    cancelled = await control(api, owner, "cancel", key)
    assert cancelled["bulkImport"]["progress"]["state"] == "CANCELLED"
    assert await deliveries.claim_and_stamp(account) == []
    await tasks.change_all(key.hex)
    assert {row.state_reason for row in await invitations(key)} == {"IMPORT_CANCELLED"}
    others_end = {other.invitation_id: InvitationState.CANCELLED for other in others}
    assert await states(key) == {first.invitation_id: InvitationState.COMPLETED} | others_end
    assert await message_states(key) == {MessageState.SENT, MessageState.CANCELLED}
    assert await make.usage(account) == make.Usage(invited=1, reserved=0)


async def test_a_message_under_way_is_settled_before_its_invitation_ends(api: Api) -> None:
    owner, account, location = await home()
    key = await create_import(location, *people(2, "way"))
    await runner.run(key)
    under_way, waiting = await deliveries.claim_and_stamp(account)
    await deliveries.settle([waiting], MessageState.SCHEDULED)
    await control(api, owner, "cancel", key)
    await tasks.change_all(key.hex)
    assert await states(key) == {under_way.invitation_id: "QUEUED", waiting.invitation_id: "CANCELLED"}
    assert key in await import_control.changing(pool(WORK))
    await deliveries.settle([under_way], MessageState.SENT)
    await tasks.finish_changes()
    assert await states(key) == {under_way.invitation_id: "COMPLETED", waiting.invitation_id: "CANCELLED"}
    assert key not in await import_control.changing(pool(WORK))


@pytest.mark.parametrize("what", ["pause", "cancel"])
async def test_nothing_left_to_do_or_send_is_invalid(api: Api, what: str) -> None:
    owner, account, location = await home()
    key = await create_import(location, *people(1, f"left-{what}"))
    await runner.run(key)
    await deliveries.deliver(account, MessageState.SENT)
    assert codes(await control(api, owner, what, key)) == [("INVALID", ["bulkImportId"])]


async def test_only_a_paused_import_can_be_resumed(api: Api) -> None:
    owner, _account, location = await home()
    key = await create_import(location, *people(1, "resume"))
    assert codes(await control(api, owner, "resume", key)) == [("INVALID", ["bulkImportId"])]


@pytest.mark.parametrize(
    ("state", "what", "sentence"),
    [
        ("FAILED", "pause", "cannot be paused; correct what its error says, then import the list again."),
        ("CANCELLED", "cancel", "cannot be cancelled; to invite the rest, import the file again."),
        ("VALIDATED", "resume", "cannot be resumed; start or cancel it."),
        ("PAUSED", "pause", "cannot be paused; resume or cancel it."),
        ("RUNNING", "resume", "cannot be resumed; pause or cancel it, or wait until it has ended."),
        ("COMPLETED", "resume", "cannot be resumed; start it with another channel"),
        ("COMPLETED", "pause", "has sent everything, so it cannot be paused; start it with another channel"),
    ],
)
async def test_a_refusal_says_what_can_be_done_instead(api: Api, state: str, what: str, sentence: str) -> None:
    owner, _account, location = await home()
    key = await make.bulk_import(location, state=state, total_rows=0)
    refused = await control(api, owner, what, key)
    assert codes(refused) == [("INVALID", ["bulkImportId"])]
    assert sentence in refused["userErrors"][0]["message"]


async def test_an_import_that_cannot_be_started_says_what_can_be_done_instead(api: Api) -> None:
    owner, _account, location = await home()
    refused = await start(api, owner, await make.bulk_import(location, state="PAUSED"))
    assert "cannot be started; resume or cancel it." in refused["userErrors"][0]["message"]


async def test_a_cancelled_import_reads_no_further(api: Api) -> None:
    owner, _account, location = await home()
    key = await create_import(location, *people(2, "no-further"))
    await control(api, owner, "cancel", key)
    assert not await runner.run_slice(key)
    assert (await get_import(key)).state is BulkImportState.CANCELLED


async def test_errors_of_rows_that_a_cancelled_import_never_reached_are_not_shown(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "CHUNK", 2)
    owner, _account, location = await home()
    key = await create_import(location, *(f"Person,{index},wrong," for index in range(6)))
    assert await runner.run_slice(key, 5)
    await control(api, owner, "cancel", key)
    shown = "{ node(id: $id) { ... on BulkImport { rowErrors { totalCount edges { node { row } } } progress { invalidRows } } } }"
    found = (await api.data(owner, f"query ($id: ID!) {shown}", id=ids.public_id(ids.BULK_IMPORT, key)))["node"]
    rows = [edge["node"]["row"] for edge in found["rowErrors"]["edges"]]
    assert len(rows) == found["rowErrors"]["totalCount"] == found["progress"]["invalidRows"]
    assert rows == list(range(1, len(rows) + 1))
    assert 0 < len(rows) < 6


async def test_a_long_list_is_resumed_in_slices(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_control, "AT_ONCE", 2)
    clock.set(clock.now())
    owner, account, location = await home()
    key = await create_import(location, *people(5, "long"))
    await runner.run(key)
    before = await due(key)
    await control(api, owner, "pause", key)
    clock.set(clock.now() + timedelta(hours=2))
    resumed = await control(api, owner, "resume", key)
    assert resumed["bulkImport"]["progress"]["state"] == "PAUSED"
    assert codes(await control(api, owner, "pause", key)) == [("INVALID", ["bulkImportId"])]
    assert await deliveries.claim_and_stamp(account) == []
    await tasks.change_all(key.hex)
    assert (await get_import(key)).state is BulkImportState.COMPLETED
    assert [after - first for first, after in zip(before, await due(key), strict=True)] == [timedelta(hours=2)] * 5
    assert len(await deliveries.claim_and_stamp(account)) == 5


async def due(key: UUID) -> list[datetime]:
    owners = [row.id for row in await invitations(key)]
    return [row.due_at for row in await models.Message.filter(invitation_id__in=owners).order_by("id")]


async def test_a_resumed_list_waits_for_its_location_if_that_is_held_meanwhile(api: Api) -> None:
    owner, account, location = await home()
    key = await create_import(location, *people(1, "held"))
    await runner.run(key)
    await control(api, owner, "pause", key)
    await models.Location.filter(id=location.id).update(held_by="BOUNCE_RATE")
    await control(api, owner, "resume", key)
    assert await deliveries.claim_and_stamp(account) == []
    (lane,) = await models.Lane.filter(bulk_import_id=key)
    assert lane.flag == "BOUNCE_RATE"


async def test_a_clients_list_that_its_agency_uploaded_is_sent_again_with_row_level_security(
    row_security_api: Api,
) -> None:
    of, location = await agency()
    admin = await make.member(of, Role.ADMIN)
    place = await models.Location.get(id=ids.parse_id(ids.LOCATION, location))
    await add_sms_step(place)
    text = "E-Mail,Phone\nann@example.org,0151 12345678\n"
    given = list_of(location, await upload(row_security_api, admin, text))
    given["mapping"].append({"column": "Phone", "field": "PHONE"})
    begun = await begin(row_security_api, admin, given)
    key = ids.parse_id(ids.BULK_IMPORT, begun["bulkImport"]["id"])
    assert key is not None
    await runner.run(key)
    for what in ("pause", "resume", "cancel"):
        assert codes(await control(row_security_api, admin, what, key)) == []
    await models.BulkImport.filter(id=key).update(state=BulkImportState.COMPLETED)
    assert codes(await start(row_security_api, admin, key, channels=["SMS"])) == []


async def test_a_list_that_is_cancelled_while_it_is_resumed_ends(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_control, "AT_ONCE", 2)
    owner, _account, location = await home()
    key = await create_import(location, *people(3, "both"))
    await runner.run(key)
    for what in ("pause", "resume", "cancel"):
        assert codes(await control(api, owner, what, key)) == []
    await tasks.change_all(key.hex)
    assert set((await states(key)).values()) == {InvitationState.CANCELLED}
    assert key not in await import_control.changing(pool(WORK))
