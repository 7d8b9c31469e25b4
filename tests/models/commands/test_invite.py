"""Inviting: who can be invited, and what it reserves from the allowance."""

import asyncio
from datetime import timedelta

import pytest

import models
from models.clock import clock
from models.commands.invite import invite
from models.commands.stop import stop
from models.connection import transaction
from models.rules.enums import Channel, InvitationState, MessageState, PlanTier, StopReason
from models.rules.errors import (
    AllowanceExceeded,
    AlreadyActive,
    MissingContact,
    RecentlyInvited,
    Suppressed,
)
from tests import factories as make
from tests.bulk_import.imports import add_sms_step
from tests.models.commands.deliveries import deliver, due_times
from tests.years import set_unused_year

pytestmark = pytest.mark.usefixtures("db")


async def test_an_invitation_reserves_allowance() -> None:
    account = await make.account()
    await make.invited(await make.location(account))
    assert await make.usage(account) == make.Usage(invited=0, reserved=1)


async def test_concurrent_invitations_do_not_exceed_the_allowance() -> None:
    account = await make.account(plan=PlanTier.FREE, overrides={"invitations": 7})
    location = await make.location(account)

    async def try_to_invite() -> bool:
        try:
            await make.invited(location)
        except AllowanceExceeded:
            return False
        return True

    invited = await asyncio.gather(*(try_to_invite() for _ in range(20)))
    assert invited.count(True) == 7
    assert await make.usage(account) == make.Usage(invited=0, reserved=7)


async def test_an_address_has_at_most_one_open_invitation_in_an_account() -> None:
    account = await make.account()
    here, there, ann = await make.location(account), await make.location(account), make.person()
    await make.invited(here, ann)
    with pytest.raises(AlreadyActive):
        await make.invited(there, ann)


async def test_a_customer_who_asked_for_no_more_messages_cannot_be_invited_again() -> None:
    account = await make.account()
    location, ann = await make.location(account), make.person()
    key = await make.invited(location, ann)
    async with transaction() as tx:
        await stop(tx, key, StopReason.CUSTOMER_ASKED, make.MEMBER, clock.now())
    with pytest.raises(Suppressed):
        await make.invited(location, ann)


async def test_a_person_without_an_address_for_the_channel_is_refused() -> None:
    location = await make.location(await make.account())
    with pytest.raises(MissingContact):
        await make.invited(location, make.person(email=None, phone="+4915112345678"))


async def test_a_refused_invitation_is_rolled_back() -> None:
    account = await make.account(overrides={"invitations": 0})
    location = await make.location(account)
    with pytest.raises(AllowanceExceeded):
        async with transaction() as tx:
            await invite(tx, make.request(location), clock.now() + timedelta())
    assert await make.usage(account) == make.Usage(invited=0, reserved=0)


async def test_a_recently_invited_customer_can_be_invited_again_after_the_cool_down() -> None:
    set_unused_year()
    account, ann = await make.account(), make.person()
    here, there = await make.location(account, steps=(0,)), await make.location(account, cool_down_days=10)
    invitation = await make.invited(here, ann)
    await deliver(account, MessageState.SENT)
    await models.Invitation.filter(id=invitation).update(state=InvitationState.COMPLETED)
    clock.move(timedelta(days=10, minutes=-1))
    with pytest.raises(RecentlyInvited):
        await make.invited(there, ann)
    clock.move(timedelta(minutes=1))
    await make.invited(there, ann)


async def test_an_invitation_that_was_never_sent_causes_no_cool_down() -> None:
    location, ann = await make.location(await make.account()), make.person()
    invitation = await make.invited(location, ann)
    await models.Invitation.filter(id=invitation).update(state=InvitationState.FAILED)
    await make.invited(location, ann)


async def test_the_plan_limits_the_number_of_steps() -> None:
    for plan, steps in ((PlanTier.FREE, 1), (PlanTier.STARTER, 4)):
        location = await make.location(await make.account(plan=plan), steps=(0, 1, 2, 3, 4))
        assert len(await due_times(await make.invited(location))) == steps


async def test_a_send_time_in_the_past_means_now() -> None:
    clock.set(clock.now())
    location = await make.location(await make.account(), steps=(0, 3))
    invitation = await make.invited(location, send_at=clock.now() - timedelta(days=2))
    assert await due_times(invitation) == [clock.now(), clock.now() + timedelta(days=3)]


async def test_a_customer_invited_by_email_can_be_invited_by_sms() -> None:
    location = await add_sms_step(await make.location(await make.account(), steps=(0,)), number=2)
    ann = make.person(phone="+4915112345678")
    await make.sent(await make.invited(location, ann, channels=[Channel.EMAIL]))
    await make.invited(location, ann, channels=[Channel.SMS])
    with pytest.raises(AlreadyActive):
        await make.invited(location, ann, channels=[Channel.SMS])


async def test_a_customer_with_an_email_address_is_not_matched_by_phone() -> None:
    """Families share a phone; a customer with an e-mail address is identified by that address alone."""
    location = await add_sms_step(await make.location(await make.account(), steps=()))
    with_email, without = make.person(phone="+4915112345678"), make.person(email=None, phone="+4915112345678")
    for person in (with_email, without, without):
        key = await make.invited(location, person, channels=[Channel.SMS])
        await models.Invitation.filter(id=key).update(state=InvitationState.FAILED)
    assert await models.Customer.filter(location_id=location.id).count() == 2


async def test_a_phone_number_is_filled_in_and_not_overwritten() -> None:
    location = await make.location(await make.account(), cool_down_days=0)
    for phone in (None, "+4915112345678", "+4915199999999"):
        key = await make.invited(location, make.person(email="ann@example.org", phone=phone))
        await models.Invitation.filter(id=key).update(state=InvitationState.COMPLETED)
    (ann,) = await models.Customer.filter(location_id=location.id)
    assert ann.phone == "+4915112345678"
