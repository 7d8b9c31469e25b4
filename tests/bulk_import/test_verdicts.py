"""Which records of an import are invited, and why others are not."""

from datetime import timedelta
from uuid import UUID

import pytest

import models
from bulk_import import runner
from models.clock import clock
from models.commands.activity import SYSTEM
from models.commands.suppress import suppress
from models.connection import WORK, execute, fetch, pool, transaction
from models.rules.enums import Channel, InvitationState, SuppressionReason
from tests import factories as make
from tests.bulk_import.imports import MAPPING, add_sms_step, get_import, people, run_import, verdicts
from tests.years import set_unused_year

pytestmark = pytest.mark.usefixtures("db")
ANN = "ann@example.org"
BOTH = ["EMAIL", "SMS"]


async def suppress_at(location: models.Location, channel: Channel, address: str) -> None:
    async with transaction(WORK) as tx:
        reason = SuppressionReason.UNSUBSCRIBED
        await suppress(tx, location.account_id, [(channel, address)], reason, SYSTEM, clock.now())


async def invite_in_the_past(location: models.Location, email: str, *, days_ago: int) -> None:
    """Creates a completed invitation that was first sent this many days ago."""
    key = await make.invited(location, make.person(email=email))
    text = "update invitation set state = 'COMPLETED', first_sent_at = $2 where id = $1"
    await execute(pool(WORK), text, key, clock.now() - timedelta(days=days_ago))


async def test_suppressed_addresses_are_not_invited() -> None:
    location = await make.location(await make.account())
    await suppress_at(location, Channel.EMAIL, ANN)
    key = await run_import(location, "Ann,A,ann@example.org,", "Ben,B,ben@example.org,")
    assert await verdicts(key) == ["SUPPRESSED", None]


async def test_a_customer_with_another_channel_is_invited_despite_a_suppression() -> None:
    location = await add_sms_step(await make.location(await make.account(), steps=(0,)))
    await suppress_at(location, Channel.EMAIL, ANN)
    key = await run_import(location, "Ann,A,ann@example.org,0151 1234 5678", channels=BOTH)
    assert await verdicts(key) == [None]


async def test_addresses_with_an_open_invitation_in_the_account_are_not_invited() -> None:
    account = await make.account()
    await make.invited(await make.location(account), make.person(email=ANN))
    key = await run_import(await make.location(account), "Ann,A,ann@example.org,", "Ben,B,ben@example.org,")
    assert await verdicts(key) == ["ALREADY_ACTIVE", None]


@pytest.mark.parametrize(
    ("cool_down", "days_ago", "verdict"),
    [(180, 179, "RECENTLY_INVITED"), (180, 180, None), (0, 0, None)],
)
async def test_recently_invited_addresses_are_not_invited_during_the_cool_down(
    cool_down: int, days_ago: int, verdict: str | None
) -> None:
    clock.set(clock.now())
    location = await make.location(await make.account(), cool_down_days=cool_down)
    await invite_in_the_past(location, ANN, days_ago=days_ago)
    assert await verdicts(await run_import(location, "Ann,A,ann@example.org,")) == [verdict]


async def test_the_allowance_is_assigned_in_file_order() -> None:
    account = await make.account(overrides={"invitations": 2})
    location = await make.location(account)
    await suppress_at(location, Channel.EMAIL, "a@example.org")
    key = await run_import(location, *(f"Ann,A,{letter}@example.org," for letter in "abcd"))
    assert await verdicts(key) == ["SUPPRESSED", None, None, "NO_ALLOWANCE"]
    assert await make.usage(account) == make.Usage(invited=0, reserved=2)


async def test_a_location_allowance_limits_its_imports() -> None:
    account = await make.account()
    small, large = await make.location(account, allowance=1), await make.location(account)
    records = ["Ann,A,ann@example.org,", "Ben,B,ben@example.org,"]
    assert await verdicts(await run_import(small, *records)) == [None, "NO_ALLOWANCE"]
    assert await verdicts(await run_import(large, *records)) == ["ALREADY_ACTIVE", None]


async def test_email_addresses_that_differ_in_case_are_duplicates() -> None:
    location = await make.location(await make.account())
    key = await run_import(location, "Ann,A,ann@example.org,", "Anna,B,ann@EXAMPLE.org,", "Ben,C,ben@example.org,")
    assert await verdicts(key) == [None, "DUPLICATE_IN_FILE", None]


async def test_people_with_one_phone_get_one_invitation_by_sms() -> None:
    location = await add_sms_step(await make.location(await make.account(), steps=()))
    records = ["Ann,A,,0151 1234 5678", "Anna,B,,+49 151 12345678", "Ben,C,ben@example.org,0151 12345678"]
    twice = "DUPLICATE_IN_FILE"
    assert await verdicts(await run_import(location, *records, channels=["SMS"])) == [None, twice, twice]


async def test_people_with_one_phone_each_get_an_invitation_by_email() -> None:
    location = await make.location(await make.account())
    records = ["Ann,A,ann@example.org,0151 12345678", "Ben,C,ben@example.org,0151 12345678"]
    assert await verdicts(await run_import(location, *records)) == [None, None]


async def test_an_invalid_record_does_not_make_another_one_a_duplicate() -> None:
    location = await add_sms_step(await make.location(await make.account(), steps=(0,)))
    key = await run_import(location, "Ann,A,ann@example.org,12", "Ann,A,ann@example.org,", channels=BOTH)
    assert await verdicts(key) == ["INVALID_PHONE", None]


async def test_an_invalid_phone_number_matters_only_to_a_list_for_sms() -> None:
    location = await add_sms_step(await make.location(await make.account(), steps=(0,)))
    records = ["Ann,A,ann@example.org,12", "Ben,B,ben@example.org,n/a"]
    assert await verdicts(await run_import(location, *records, channels=BOTH)) == ["INVALID_PHONE", None]
    assert await verdicts(await run_import(location, records[0], channels=["EMAIL"])) == [None]


async def test_the_reason_with_the_highest_precedence_is_reported() -> None:
    """Adds one reason after another, each taking precedence over the ones before."""
    account = await make.account()
    location = await make.location(account)
    await invite_in_the_past(location, ANN, days_ago=3)
    await models.Account.filter(id=account.id).update(overrides={"invitations": 0})
    assert await verdicts(await run_import(location, f"Ann,A,{ANN},", "Ben,B,ben@example.org,")) == [
        "RECENTLY_INVITED",
        "NO_ALLOWANCE",
    ]
    await models.Invitation.filter(account_id=account.id).update(state="ACTIVE")
    assert await verdicts(await run_import(location, f"Ann,A,{ANN},")) == ["ALREADY_ACTIVE"]
    await make.suppressed(account, ANN)
    records = [f"Ann,A,{ANN},", f"Ann,A,{ANN},", f"{'A' * 201},A,{ANN},"]
    assert await verdicts(await run_import(location, *records)) == ["SUPPRESSED", "DUPLICATE_IN_FILE", "TOO_LONG"]


async def test_of_several_people_with_a_customers_phone_only_the_first_becomes_the_customer() -> None:
    location = await add_sms_step(await make.location(await make.account(), steps=(0,)))
    old = make.person(email=None, phone="+4915112345678", phone_national="015112345678")
    await make.invited(location, old, channels=[Channel.SMS])
    await models.Invitation.filter(location_id=location.id).update(state=InvitationState.COMPLETED)
    records = ["Ann,A,ann@example.org,0151 12345678", "Ben,B,ben@example.org,0151 12345678"]
    assert await verdicts(await run_import(location, *records)) == [None, None]
    found = await models.Customer.filter(location_id=location.id).order_by("created_at", "id")
    assert [row.email for row in found] == ["ann@example.org", "ben@example.org"]


async def test_records_that_exceed_the_allowance_do_not_delay_what_follows() -> None:
    now = set_unused_year()
    location = await make.location(await make.account(overrides={"invitations": 1}))
    key = await run_import(location, *people(3, "late"), per_hour=1)
    assert (await get_import(key)).next_due_at == now + timedelta(hours=1)


async def reasons(key: UUID) -> list[tuple[int, str | None, str | None, str]]:
    """The row, column, value and message of each error."""
    text = (
        "select row, column_name, value, message from import_row_error where bulk_import_id = $1 order by row, ordinal"
    )
    return [tuple(row) for row in await fetch(pool(WORK), text, key)]


async def test_a_verdict_names_the_column_and_the_address_as_it_was_typed() -> None:
    account = await make.account()
    location = await make.location(account, steps=(0,))
    await make.suppressed(account, "gone@example.org")
    key = await run_import(location, "Ann,A,GONE@example.org,", "Ben,B,ben@example.org,", "Ben,B,BEN@example.org,")
    assert [one[:3] for one in await reasons(key)] == [(1, "Mail", "GONE@example.org"), (3, "Mail", "BEN@example.org")]


async def test_an_import_that_does_not_know_where_its_columns_are_shows_addresses_as_they_are_stored() -> None:
    location = await make.location(await make.account(), steps=(0,))
    mapping = [{"column": one["column"], "field": one["field"]} for one in MAPPING]
    key = await run_import(location, "Ann,A,ANN@example.org,", "Ann,A, Ann@example.org ,", mapping=mapping)
    assert [one[:3] for one in await reasons(key)] == [(2, "Mail", "ann@example.org")]


HAS_MAILBOX = "Row {} of this file has the same mailbox; only the first of such records is invited."
HAS_PHONE = "Row {} of this file has the same phone number; only the first of such records is invited."


async def test_a_duplicate_names_the_first_row_also_of_an_earlier_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "CHUNK", 2)
    location = await make.location(await make.account(), steps=(0,))
    again = "Ann,A,ann+{}@example.org,"
    records = [f"{'A' * 201},A,{ANN},", *(again.format(n) for n in range(3)), "Ben,B,ben@example.org,", again]
    key = await run_import(location, *records)
    assert (await verdicts(key))[1] is None
    assert [(row, message) for row, _, _, message in (await reasons(key))[1:]] == [
        (row, HAS_MAILBOX.format(2)) for row in (3, 4, 6)
    ]


async def test_a_duplicate_by_phone_names_the_column_of_phones() -> None:
    location = await add_sms_step(await make.location(await make.account(), steps=()))
    records = ["Ann,A,,0151 1234 5678", "Ben,B,ben@example.org,+49 151 12345678", "Ben,B,ben@example.org,0151 87654321"]
    key = await run_import(location, *records, channels=BOTH)
    assert await reasons(key) == [
        (2, "Phone", "+49 151 12345678", HAS_PHONE.format(1)),
        (3, "Mail", "ben@example.org", HAS_MAILBOX.format(2)),
    ]


async def test_people_elsewhere_are_written_to_in_their_own_hours() -> None:
    now = set_unused_year().replace(hour=18)  # 20:00 in Berlin, 14:00 in New York
    clock.set(now)
    location = await make.location(await make.account(), steps=(0,), email_from_hour=9, email_until_hour=18)
    key = await run_import(location, "Ann,A,ann@example.org,+1 212 555 0123")
    assert await verdicts(key) == [None]
    (message,) = await models.Message.filter(location_id=location.id)
    assert message.due_at == now
