"""The state of delivery in the API, settling UNKNOWN messages, and releasing what is held."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

import models
from models.clock import clock
from models.commands import answers, heartbeat, lanes, outcomes, sending
from models.commands.outcomes import Outcome
from models.connection import WORK, execute, pool, transaction
from models.reads.delivery_state import RelayState
from models.rules import ids
from models.rules.cycle import cycle_at
from models.rules.enums import ActorKind, HoldReason, MessageState
from models.rules.errors import AllowanceExceeded
from tests import factories as make
from tests.gateway import Api, Json
from tests.models.commands import deliveries
from tests.models.commands.deliveries import claim_and_stamp, events, message_states, state_and_reason
from tests.resolvers.test_commands import codes
from tests.years import set_unused_year

SETTLE = """mutation ($id: ID!, $outcome: SettledAs!, $key: String) {
  settleMessage(input: {messageId: $id, outcome: $outcome, idempotencyKey: $key}) {
    invitation { state messages { state } } userErrors { code field message } } }"""
RELEASE = """mutation ($id: ID!) { releaseInvitation(input: {invitationId: $id}) {
  invitation { state } userErrors { code message } } }"""
RELEASE_ALL = """mutation ($id: ID!) { releaseLocation(input: {locationId: $id}) {
  location { id } userErrors { code message } } }"""
DELIVERY = """{ account { delivery { relay relayReply due oldestDueAt
  held { channel reason since reply location { id } } } } }"""
INVITATION = """query ($id: ID!) { node(id: $id) { ... on Invitation {
  state stateReason stateDetail messages { state reply } } } }"""
NO = "550 5.7.1 sender not allowed"


@pytest.fixture(autouse=True)
def unused_year() -> None:
    set_unused_year()


async def place(steps: tuple[float, ...] = (0, 3)) -> tuple[models.Account, models.Location, models.User]:
    account = await make.account()
    return account, await make.location(account, steps=steps), await make.member(account)


def public(invitation: UUID) -> str:
    return ids.public_id(ids.INVITATION, invitation)


async def of_step(invitation: UUID, step: int = 1) -> str:
    return ids.public_id(ids.MESSAGE, (await models.Message.get(invitation_id=invitation, step=step)).id)


async def unknown(invitation: UUID) -> str:
    """The invitation's first message, of which nobody knows whether it was sent."""
    account = await models.Account.get(id=(await models.Invitation.get(id=invitation)).account_id)
    await deliveries.deliver(account, MessageState.UNKNOWN)
    return await of_step(invitation)


async def settle(api: Api, who: models.User, message: str, outcome: str) -> Json:
    found: Json = (await api.data(who, SETTLE, id=message, outcome=outcome))["settleMessage"]
    return found


async def overdue(account: models.Account, *invitations: UUID) -> None:
    """Holds them as OVERDUE."""
    clock.move(timedelta(days=2))
    late = 1
    while late:  # when nothing is overdue any more, the lanes are served again
        async with transaction(WORK) as tx:
            late = await sending.hold_overdue(tx, clock.now())
    for invitation in invitations:
        assert await state_and_reason(invitation) == ("HELD", HoldReason.OVERDUE)


# Settling


async def test_a_message_settled_as_sent_is_charged_once(api: Api) -> None:
    account, location, owner = await place()
    invitation = await make.invited(location)
    message = await unknown(invitation)
    for _ in range(2):
        payload = await settle(api, owner, message, "SENT")
    assert codes(payload) == [("INVALID", ["messageId"])]
    assert await state_and_reason(invitation) == ("ACTIVE", None)
    assert (await make.usage(account)).invited == 1
    event = await models.ActivityEvent.get(invitation_id=invitation, kind="SENT")
    assert (event.actor_kind, event.actor) == ("MEMBER", owner.name)


async def test_a_message_settled_as_not_sent_is_sent_again(api: Api) -> None:
    account, location, owner = await place()
    invitation = await make.invited(location)
    message = await unknown(invitation)
    clock.move(timedelta(hours=30))  # so that it would be overdue if it kept its time
    payload = await settle(api, owner, message, "NOT_SENT")
    assert [one["state"] for one in payload["invitation"]["messages"]] == ["SCHEDULED", "SCHEDULED"]
    assert [one.step for one in await claim_and_stamp(account)] == [1]


async def test_a_message_settled_as_not_sent_does_not_end_the_sequence(api: Api) -> None:
    _, location, owner = await place(steps=(0,))
    invitation = await make.invited(location)
    await settle(api, owner, await unknown(invitation), "NOT_SENT")
    assert (await models.Invitation.get(id=invitation)).answer_until is None


async def test_a_message_followed_by_a_later_step_is_not_sent_again(api: Api) -> None:
    account, location, owner = await place()
    invitation = await make.invited(location)
    message = await unknown(invitation)
    clock.move(timedelta(days=3, hours=1))
    assert await deliveries.deliver(account, MessageState.SENT) == [2]
    payload = await settle(api, owner, message, "NOT_SENT")
    assert codes(payload) == [("INVALID", ["outcome"])]
    assert await message_states(invitation) == [MessageState.UNKNOWN, MessageState.SENT]


async def test_a_message_of_a_stopped_invitation_settled_as_not_sent_stays_paused(api: Api) -> None:
    _, location, owner = await place()
    invitation = await make.invited(location)
    message = await unknown(invitation)
    await deliveries.stop(invitation)
    await settle(api, owner, message, "NOT_SENT")
    assert await message_states(invitation) == [MessageState.PAUSED, MessageState.PAUSED]


async def test_a_message_settles_with_row_level_security(row_security_api: Api) -> None:
    _, location, owner = await place()
    invitation = await make.invited(location)
    payload = await settle(row_security_api, owner, await unknown(invitation), "SENT")
    assert (payload["userErrors"], payload["invitation"]["state"]) == ([], "ACTIVE")


async def test_messages_to_settle_are_listed_within_the_viewers_locations(api: Api) -> None:
    account, location, owner = await place()
    invitation = await make.invited(location)
    limited = await make.member(account, all_locations=False)
    await make.assign(limited, await make.location(account))
    message = await unknown(invitation)
    asked = "{ account { delivery { unknown { id invitation { id state customer { firstName } } } } } }"
    (shown,) = (await api.data(owner, asked))["account"]["delivery"]["unknown"]
    assert (shown["id"], shown["invitation"]["id"]) == (message, public(invitation))
    assert (await api.data(limited, asked))["account"]["delivery"]["unknown"] == []
    await settle(api, owner, message, "SENT")
    assert (await api.data(owner, asked))["account"]["delivery"]["unknown"] == []


async def test_settling_as_not_sent_keeps_the_distance_of_the_next_step_and_is_recorded(api: Api) -> None:
    _, location, owner = await place()
    invitation = await make.invited(location)
    message = await unknown(invitation)
    before = await deliveries.due_times(invitation)
    clock.move(timedelta(days=2))
    await settle(api, owner, message, "NOT_SENT")
    after = await deliveries.due_times(invitation)
    assert after[1] - after[0] == before[1] - before[0]
    assert (await events(invitation))[-1] == ("DEFERRED", "NOT_SENT")


async def test_a_message_is_not_sent_again_while_a_later_step_is_being_sent(api: Api) -> None:
    account, location, owner = await place()
    invitation = await make.invited(location)
    message = await unknown(invitation)
    clock.move(timedelta(days=3, hours=1))
    assert [one.step for one in await claim_and_stamp(account)] == [2]
    assert codes(await settle(api, owner, message, "NOT_SENT")) == [("INVALID", ["outcome"])]


async def test_a_used_link_proves_that_a_message_settled_as_not_sent_was_sent(api: Api) -> None:
    account, location, owner = await place()
    invitation = await make.invited(location)
    message = await unknown(invitation)
    await settle(api, owner, message, "NOT_SENT")
    async with transaction(WORK) as tx:
        await answers.clicked(
            tx, (await models.Message.get(invitation_id=invitation, step=1)).id, ActorKind.UNKNOWN, clock.now()
        )
    assert (await message_states(invitation))[0] is MessageState.SENT
    assert await claim_and_stamp(account) == []


async def test_a_message_that_may_have_been_sent_keeps_its_reservation(api: Api) -> None:
    account, location, owner = await place()
    invitation = await make.invited(location)
    message = await unknown(invitation)
    await deliveries.set_allowance(account, 1)
    await deliveries.stop(invitation)
    with pytest.raises(AllowanceExceeded):
        await make.invited(location)
    await settle(api, owner, message, "SENT")
    assert await make.usage(account) == make.Usage(invited=1, reserved=0)


# Releasing


async def test_an_overdue_invitation_is_released_by_a_member(api: Api) -> None:
    account, location, owner = await place()
    invitation = await make.invited(location)
    await overdue(account, invitation)
    payload = (await api.data(owner, RELEASE, id=public(invitation)))["releaseInvitation"]
    assert (payload["userErrors"], payload["invitation"]["state"]) == ([], "QUEUED")
    assert (await events(invitation))[-1][0] == "RELEASED"
    assert [one.step for one in await claim_and_stamp(account)] == [1]


async def test_a_release_needs_allowance(api: Api) -> None:
    account, location, owner = await place()
    invitation = await make.invited(location)
    await models.Invitation.filter(id=invitation).update(state="HELD", state_reason="ALLOWANCE", reserved_cycle=None)
    await deliveries.set_allowance(account, 0)
    (error,) = (await api.data(owner, RELEASE, id=public(invitation)))["releaseInvitation"]["userErrors"]
    resets_on = cycle_at(clock.now(), account.time_zone, account.anchor_day).resets_on
    assert (error["code"], f"used up until {resets_on};" in error["message"]) == ("ALLOWANCE_EXCEEDED", True)


async def test_an_invitation_that_is_not_held_cannot_be_released(api: Api) -> None:
    _, location, owner = await place()
    payload = (await api.data(owner, RELEASE, id=public(await make.invited(location))))["releaseInvitation"]
    assert [one["code"] for one in payload["userErrors"]] == ["INVALID"]


async def test_a_location_releases_its_overdue_invitations_as_far_as_the_allowance_lasts(api: Api) -> None:
    account, location, owner = await place()
    invitations = [await make.invited(location) for _ in range(4)]
    other = await make.location(account, steps=(0,))
    elsewhere = await make.invited(other)
    await overdue(account, *invitations, elsewhere)
    await execute(pool(WORK), "update invitation set reserved_cycle = null where account_id = $1", account.id)
    await execute(pool(WORK), "update account_usage set reserved = 0 where account_id = $1", account.id)
    await execute(pool(WORK), "update location_usage set reserved = 0 where location_id = $1", location.id)
    await deliveries.set_allowance(account, 3)
    payload = (await api.data(owner, RELEASE_ALL, id=ids.public_id(ids.LOCATION, location.id)))["releaseLocation"]
    assert payload["userErrors"] == []
    states = [(await state_and_reason(one))[0] for one in invitations]
    assert sorted(states) == ["HELD", "QUEUED", "QUEUED", "QUEUED"]
    assert (await state_and_reason(elsewhere))[0] == "HELD"


async def test_a_released_location_tries_the_relay_again_at_once(api: Api) -> None:
    account, location, owner = await place()
    await make.invited(location)
    (message,) = await claim_and_stamp(account)
    async with transaction(WORK) as tx:
        await outcomes.settle(tx, [Outcome(message.id, MessageState.SCHEDULED, clock.now(), NO, held_back=True)])
    assert await claim_and_stamp(account) == []
    await api.data(owner, RELEASE_ALL, id=ids.public_id(ids.LOCATION, location.id))
    assert len(await claim_and_stamp(account)) == 1


# Telling


async def test_what_holds_a_lane_is_shown_with_the_relays_words(api: Api) -> None:
    account, location, owner = await place()
    refused, waiting = await make.invited(location), await make.invited(location)
    message = next(one for one in await claim_and_stamp(account) if one.invitation_id == refused)
    said = f"{NO} <{message.recipient}>"
    async with transaction(WORK) as tx:
        await outcomes.settle(tx, [Outcome(message.id, MessageState.SCHEDULED, clock.now(), said, held_back=True)])
    shown = (await api.data(owner, INVITATION, id=public(waiting)))["node"]
    held = (shown["state"], shown["stateReason"], shown["stateDetail"])
    assert held == ("HELD", "TRANSPORT_QUIET", f"{NO} (address)")
    assert [one["reply"] for one in (await api.data(owner, INVITATION, id=public(refused)))["node"]["messages"]] == [
        said,
        None,
    ]
    delivery = (await api.data(owner, DELIVERY))["account"]["delivery"]
    assert [(one["reason"], one["reply"], one["channel"]) for one in delivery["held"]] == [
        ("TRANSPORT_QUIET", f"{NO} (address)", "EMAIL")
    ]


async def test_a_lane_that_is_served_again_is_not_shown_as_held(api: Api) -> None:
    account, location, owner = await place()
    invitation = await make.invited(location)
    async with transaction(WORK) as tx:
        await lanes.mark_quiet(tx, "no answer", clock.now() + lanes.QUIET_AFTER)
    shown = (await api.data(owner, INVITATION, id=public(invitation)))["node"]
    assert (shown["stateReason"], shown["stateDetail"]) == ("TRANSPORT_QUIET", "no answer")
    await deliveries.deliver(account, MessageState.SENT)
    shown = (await api.data(owner, INVITATION, id=public(invitation)))["node"]
    assert (shown["state"], shown["stateReason"], shown["stateDetail"]) == ("ACTIVE", None, None)


async def test_delivery_counts_what_is_due_within_the_viewers_locations(api: Api) -> None:
    account, location, owner = await place()
    other = await make.location(account, steps=(0,))
    for _ in range(3):
        await make.invited(location)
    await make.invited(other)
    limited = await make.member(account, all_locations=False)
    await make.assign(limited, other)
    assert (await api.data(owner, DELIVERY))["account"]["delivery"]["due"] == 4
    assert (await api.data(limited, DELIVERY))["account"]["delivery"]["due"] == 1


@pytest.mark.parametrize(
    ("states", "shown"),
    [
        ([], ("UNKNOWN", None)),
        ([(RelayState.DOWN, "535 no")], ("DOWN", "535 no")),
        ([(RelayState.DOWN, "535 no"), (RelayState.UP, None)], ("UP", None)),
    ],
)
async def test_the_relay_is_up_if_any_worker_can_use_it(
    api: Api, states: list[tuple[RelayState, str | None]], shown: tuple[str, str | None]
) -> None:
    _, _, owner = await place()
    for relay, reply in states:
        await heartbeat.beat(pool(WORK), uuid4(), clock.now(), clock.now(), relay, reply)
    delivery = (await api.data(owner, DELIVERY))["account"]["delivery"]
    assert (delivery["relay"], delivery["relayReply"]) == shown


async def test_readyz_says_how_delivery_is_going_without_naming_a_tenant(api: Api) -> None:
    account, location, _ = await place()
    await make.invited(location)
    await execute(
        pool(WORK), "update lane set quiet_since = $2, reply = 'no' where account_id = $1", account.id, clock.now()
    )
    async with asyncio.timeout(10):  # the answer is kept for half a second
        while not (body := (await api.client.get("/readyz")).json())["delivery"]["due"]:
            await asyncio.sleep(0.1)
    assert body["delivery"].keys() == {"relay", "reply", "due", "oldestDueAt", "overdue", "held"}
    assert body["delivery"]["held"]["TRANSPORT_QUIET"] >= 1
    assert location.id.hex not in str(body)


async def test_a_lane_whose_pause_is_over_and_that_has_nothing_due_is_not_shown_as_held(api: Api) -> None:
    account, location, owner = await place()
    invitation = await make.invited(location)
    (message,) = await claim_and_stamp(account)
    async with transaction(WORK) as tx:
        await outcomes.settle(tx, [Outcome(message.id, MessageState.DEFERRED, clock.now(), NO, held_back=True)])
    await sending.repair_lanes(pool(WORK), clock.now())
    assert (await api.data(owner, INVITATION, id=public(invitation)))["node"]["stateReason"] == "TRANSPORT_QUIET"
    clock.move(timedelta(minutes=2))
    await execute(
        pool(WORK), "update lane set next_due = $2 where account_id = $1", account.id, clock.now() + timedelta(hours=1)
    )
    await sending.repair_lanes(pool(WORK), clock.now())
    assert (await api.data(owner, INVITATION, id=public(invitation)))["node"]["stateReason"] is None


async def test_a_location_without_a_sender_says_what_it_lacks_when_released(api: Api) -> None:
    account = await make.account()
    location = await make.location(account, postal_address=None)
    owner = await make.member(account)
    payload = (await api.data(owner, RELEASE_ALL, id=ids.public_id(ids.LOCATION, location.id)))["releaseLocation"]
    assert "without its postal address" in payload["userErrors"][0]["message"]


async def test_overdue_invitations_are_counted(api: Api) -> None:
    account, location, owner = await place()
    await overdue(account, await make.invited(location))
    asked = "{ account { delivery { overdue } } }"
    assert (await api.data(owner, asked))["account"]["delivery"]["overdue"] == 1
    await api.data(owner, RELEASE_ALL, id=ids.public_id(ids.LOCATION, location.id))
    assert (await api.data(owner, asked))["account"]["delivery"]["overdue"] == 0


async def test_lanes_are_quiet_only_after_a_while(api: Api) -> None:
    _, location, owner = await place()
    invitation = await make.invited(location)
    await lanes.mark_quiet(pool(WORK), "no answer", clock.now())
    assert (await api.data(owner, INVITATION, id=public(invitation)))["node"]["stateReason"] is None
