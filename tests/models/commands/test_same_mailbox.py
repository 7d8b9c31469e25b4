"""Addresses of one mailbox are one person's, for single invitations and for lists."""

from datetime import timedelta
from importlib import import_module

import pytest

import models
from models.clock import clock
from models.commands.activity import SYSTEM
from models.commands.suppress import suppress
from models.connection import WORK, execute, pool, transaction
from models.reads import suppression_rows
from models.reads.operation import Reads
from models.rules.enums import Channel, InvitationState, SuppressionReason
from models.rules.errors import AlreadyActive, RecentlyInvited, Refusal, Suppressed
from tests import factories as make
from tests.bulk_import.imports import run_import, verdicts
from tests.models.commands.deliveries import claim_and_stamp

pytestmark = pytest.mark.usefixtures("db")
PLAIN, TAGGED = "annsmith@gmail.com", "ann.smith+shop@googlemail.com"
BOTH_WAYS = pytest.mark.parametrize(("first", "second"), [(PLAIN, TAGGED), (TAGGED, PLAIN)])


async def place() -> models.Location:
    return await make.location(await make.account(), steps=(0,))


async def opt_out(location: models.Location, email: str) -> None:
    async with transaction(WORK) as tx:
        reason = SuppressionReason.UNSUBSCRIBED
        await suppress(tx, location.account_id, [(Channel.EMAIL, email)], reason, SYSTEM, clock.now())


async def refused(location: models.Location, email: str, refusal: type[Refusal]) -> None:
    """Neither a single invitation nor a list invites this address, for the same reason."""
    with pytest.raises(refusal):
        await make.invited(location, make.person(email=email))
    assert await verdicts(await run_import(location, f"Ann,Smith,{email},")) == [str(refusal.code)]


@BOTH_WAYS
async def test_an_opt_out_counts_for_the_whole_mailbox(first: str, second: str) -> None:
    location = await place()
    await opt_out(location, first)
    await refused(location, second, Suppressed)


@BOTH_WAYS
async def test_an_opt_out_ends_open_invitations_to_the_mailbox(first: str, second: str) -> None:
    location = await place()
    key = await make.invited(location, make.person(email=second))
    await opt_out(location, first)
    assert (await models.Invitation.get(id=key)).state is InvitationState.SUPPRESSED


async def test_a_suppression_stored_for_a_whole_address_still_counts() -> None:
    location = await place()
    account = await models.Account.get(id=location.account_id)
    await make.suppressed(account, "ann+shop@example.org")
    await refused(location, "ann+shop@example.org", Suppressed)
    await make.suppressed(account, "ben@example.org")
    await refused(location, "ben+shop@example.org", Suppressed)


async def of_mailboxes() -> None:
    await execute(pool(WORK), import_module("models.migrations.0016_warnings_and_mailboxes").MAILBOXES)


@pytest.mark.parametrize("whole", ["ann+shop@example.org", "ann.smith@gmail.com"])
async def test_an_older_suppression_covers_the_mailbox_if_a_customer_still_has_the_address(whole: str) -> None:
    location = await place()
    account = await models.Account.get(id=location.account_id)
    await make.invited(location, make.person(email=whole))
    await make.suppressed(account, whole)
    await of_mailboxes()
    for address in (whole, whole.replace("+shop", "").replace("ann.", "ann", 1), whole.replace("@", "+new@")):
        await refused(location, address, Suppressed)


async def test_several_older_suppressions_of_a_mailbox_stay_together() -> None:
    location = await place()
    account = await models.Account.get(id=location.account_id)
    for tagged in ("ann+a@example.org", "ann+b@example.org"):
        await make.invited(await make.location(account, steps=(0,), cool_down_days=0), make.person(email=tagged))
        await models.Invitation.filter(account_id=account.id).update(state=InvitationState.COMPLETED)
        await make.suppressed(account, tagged)
    await of_mailboxes()
    await of_mailboxes()
    assert await models.Suppression.filter(account_id=account.id).count() == 2
    for address in ("ann@example.org", "ann+a@example.org", "ann+b@example.org"):
        await refused(location, address, Suppressed)


async def test_an_older_suppression_of_an_address_that_nobody_has_covers_that_address_alone() -> None:
    location = await place()
    account = await models.Account.get(id=location.account_id)
    await make.suppressed(account, "ann+shop@example.org")
    await of_mailboxes()
    await make.invited(location, make.person(email="ann@example.org"))
    await refused(location, "ann+shop@example.org", Suppressed)


async def test_a_message_to_another_address_of_a_suppressed_mailbox_is_not_sent() -> None:
    account = await make.account()
    await make.invited(await make.location(account, steps=(0,)), make.person(email="ann+shop@example.org"))
    await make.suppressed(account, "ann@example.org")
    assert await claim_and_stamp(account) == []


@BOTH_WAYS
async def test_the_suppression_of_a_mailbox_is_found_by_any_of_its_addresses(first: str, second: str) -> None:
    location = await place()
    await opt_out(location, first)
    account = await models.Account.get(id=location.account_id)
    assert await suppression_rows.count(Reads(), make.scope(account), second) == 1
    assert await suppression_rows.count(Reads(), make.scope(account), "ben@example.org") == 0


@BOTH_WAYS
async def test_a_mailbox_has_at_most_one_open_invitation(first: str, second: str) -> None:
    location = await place()
    await make.invited(location, make.person(email=first))
    await refused(location, second, AlreadyActive)


@BOTH_WAYS
async def test_the_cool_down_counts_for_the_whole_mailbox(first: str, second: str) -> None:
    location = await place()
    key = await make.invited(location, make.person(email=first))
    text = "update invitation set state = 'COMPLETED', first_sent_at = $2 where id = $1"
    await execute(pool(WORK), text, key, clock.now() - timedelta(days=1))
    await refused(location, second, RecentlyInvited)


async def test_a_mailbox_listed_twice_is_invited_once() -> None:
    records = [
        f"Ann,Smith,{PLAIN},",
        f"Ann,Smith,{TAGGED},",
        "Ann,Smith,ann.smith@example.org,",
        "A,S,annsmith@example.org,",
    ]
    assert await verdicts(await run_import(await place(), *records)) == [None, "DUPLICATE_IN_FILE", None, None]


async def test_customers_keep_the_address_that_they_gave() -> None:
    location = await place()
    await make.invited(location, make.person(email=TAGGED))
    (ann,) = await models.Customer.filter(location_id=location.id)
    assert ann.email == TAGGED
