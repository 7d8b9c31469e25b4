"""Which records of a list are invited, and why the others are not."""

from datetime import timedelta

import pytest

import models
from models.clock import clock
from models.commands.activity import SYSTEM
from models.commands.suppress import suppress
from models.connection import WORK, execute, pool, transaction
from models.rules.enums import Channel, SuppressionReason
from tests import factories as make
from tests.bulk_import.lists import by_sms, taken_in, verdicts

pytestmark = pytest.mark.usefixtures("db")
ANN = "ann@example.org"
BOTH = ["EMAIL", "SMS"]


async def suppressed(of: models.Location, channel: Channel, address: str) -> None:
    async with transaction(WORK) as tx:
        reason = SuppressionReason.UNSUBSCRIBED
        await suppress(tx, of.account_id, [(channel, address)], reason, SYSTEM, clock.now())


async def written_to(of: models.Location, mail: str, *, days_ago: int) -> None:
    """An invitation that went out so long ago and has ended."""
    key = await make.invited(of, make.person(email=mail))
    text = "update invitation set state = 'COMPLETED', first_sent_at = $2 where id = $1"
    await execute(pool(WORK), text, key, clock.now() - timedelta(days=days_ago))


async def test_whoever_must_not_be_written_to_any_more_is_left_out() -> None:
    location = await make.location(await make.account())
    await suppressed(location, Channel.EMAIL, ANN)
    key = await taken_in(location, "Ann,A,ann@example.org,", "Ben,B,ben@example.org,")
    assert await verdicts(key) == ["SUPPRESSED", None]


async def test_whoever_can_still_be_reached_by_another_channel_is_invited() -> None:
    location = await by_sms(await make.location(await make.account(), steps=(0,)))
    await suppressed(location, Channel.EMAIL, ANN)
    key = await taken_in(location, "Ann,A,ann@example.org,0151 1234 5678", channels=BOTH)
    assert await verdicts(key) == [None]


async def test_whoever_has_an_open_invitation_anywhere_in_the_account_is_left_out() -> None:
    account = await make.account()
    await make.invited(await make.location(account), make.person(email=ANN))
    key = await taken_in(await make.location(account), "Ann,A,ann@example.org,", "Ben,B,ben@example.org,")
    assert await verdicts(key) == ["ALREADY_ACTIVE", None]


@pytest.mark.parametrize(
    ("cool_down", "days_ago", "verdict"),
    [(180, 179, "RECENTLY_INVITED"), (180, 180, None), (0, 0, None)],
)
async def test_the_cool_down_of_the_location_keeps_whom_it_wrote_to_for_so_many_days_and_0_is_off(
    cool_down: int, days_ago: int, verdict: str | None
) -> None:
    clock.set(clock.now())
    location = await make.location(await make.account(), cool_down_days=cool_down)
    await written_to(location, ANN, days_ago=days_ago)
    assert await verdicts(await taken_in(location, "Ann,A,ann@example.org,")) == [verdict]


async def test_the_allowance_goes_to_the_first_of_the_file() -> None:
    account = await make.account(overrides={"invitations": 2})
    location = await make.location(account)
    await suppressed(location, Channel.EMAIL, "a@example.org")
    key = await taken_in(location, *(f"Ann,A,{letter}@example.org," for letter in "abcd"))
    assert await verdicts(key) == ["SUPPRESSED", None, None, "NO_ALLOWANCE"]
    assert await make.usage(account) == make.Usage(invited=0, reserved=2)


async def test_a_location_with_an_allowance_of_its_own_takes_no_more_than_that() -> None:
    account = await make.account()
    small, large = await make.location(account, allowance=1), await make.location(account)
    records = ["Ann,A,ann@example.org,", "Ben,B,ben@example.org,"]
    assert await verdicts(await taken_in(small, *records)) == [None, "NO_ALLOWANCE"]
    assert await verdicts(await taken_in(large, *records)) == ["ALREADY_ACTIVE", None]


async def test_the_same_mail_address_however_it_is_written_stands_in_the_file_twice() -> None:
    location = await make.location(await make.account())
    key = await taken_in(location, "Ann,A,ann@example.org,", "Anna,B,ann@EXAMPLE.org,", "Ben,C,ben@example.org,")
    assert await verdicts(key) == [None, "DUPLICATE_IN_FILE", None]


async def test_without_a_mail_address_the_same_phone_number_is_the_same_person() -> None:
    location = await by_sms(await make.location(await make.account(), steps=()))
    records = ["Ann,A,,0151 1234 5678", "Anna,B,,+49 151 12345678", "Ben,C,ben@example.org,0151 12345678"]
    assert await verdicts(await taken_in(location, *records, channels=["SMS"])) == [None, "DUPLICATE_IN_FILE", None]


async def test_a_record_that_was_refused_by_itself_makes_no_other_one_a_duplicate() -> None:
    location = await make.location(await make.account())
    key = await taken_in(location, "Ann,A,ann@example.org,12", "Ann,A,ann@example.org,")
    assert await verdicts(key) == ["INVALID_PHONE", None]


async def test_of_several_reasons_the_first_in_their_order_counts() -> None:
    """One reason after another comes to apply to the same address, each before the one that counted so far."""
    account = await make.account()
    location = await make.location(account)
    await written_to(location, ANN, days_ago=3)
    await models.Account.filter(id=account.id).update(overrides={"invitations": 0})
    assert await verdicts(await taken_in(location, f"Ann,A,{ANN},", "Ben,B,ben@example.org,")) == [
        "RECENTLY_INVITED",
        "NO_ALLOWANCE",
    ]
    await models.Invitation.filter(account_id=account.id).update(state="ACTIVE")
    assert await verdicts(await taken_in(location, f"Ann,A,{ANN},")) == ["ALREADY_ACTIVE"]
    await models.Suppression.create(
        account_id=account.id, channel="EMAIL", address=ANN, reason="UNSUBSCRIBED", created_at=clock.now()
    )
    assert await verdicts(await taken_in(location, f"Ann,A,{ANN},", f"Ann,A,{ANN},", f"Ann,A,{ANN},12")) == [
        "SUPPRESSED",
        "DUPLICATE_IN_FILE",
        "INVALID_PHONE",
    ]
