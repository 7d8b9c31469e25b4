"""Suppressions: recording an opt-out told to a member, listing, and lifting what was a mistake."""

import asyncio
from contextvars import copy_context

import pytest

import models
from models.clock import clock
from models.commands.answers import unsubscribe
from models.commands.resubscribe import resubscribe
from models.connection import WORK, transaction
from models.rules import ids
from models.rules.enums import Role, SuppressionReason
from tests import factories as make
from tests.gateway import Api, Json
from tests.models.commands.deliveries import state_and_reason
from tests.models.commands.test_outcomes import until_a_transaction_waits
from tests.resolvers.test_commands import codes

RECORD = """mutation ($input: RecordOptOutInput!) { recordOptOut(input: $input) {
  customer { id } userErrors { code field } } }"""
LIFT = """mutation ($id: ID!, $reason: String!) { liftSuppression(input: {suppressionId: $id, reason: $reason}) {
  liftedId userErrors { code field } } }"""
LIST = """query ($address: String, $first: Int, $after: String) {
  account { suppressions(address: $address, first: $first, after: $after) {
  totalCount pageInfo { hasNextPage endCursor }
  edges { node { id channel address reason note recordedBy liftable } } } } }"""


async def place() -> tuple[models.Account, models.Location, models.User]:
    account = await make.account()
    return account, await make.location(account), await make.member(account)


async def record(api: Api, who: models.User, invitation: models.Invitation, **given: object) -> Json:
    wanted = {"customerId": ids.public_id(ids.CUSTOMER, invitation.customer_id)} | given
    found: Json = (await api.data(who, RECORD, input=wanted))["recordOptOut"]
    return found


async def listed(api: Api, who: models.User, **given: object) -> list[Json]:
    page = (await api.data(who, LIST, **given))["account"]["suppressions"]
    return [edge["node"] for edge in page["edges"]]


async def test_a_recorded_opt_out_ends_open_invitations_and_is_listed_half_hidden(api: Api) -> None:
    _, location, owner = await place()
    ann = make.person(phone="+4915112345678")
    invitation = await models.Invitation.get(id=await make.invited(location, ann))
    payload = await record(api, owner, invitation, note="told me at the till")
    assert payload["userErrors"] == []
    assert await state_and_reason(invitation.id) == ("SUPPRESSED", "CUSTOMER_ASKED")
    found = await listed(api, owner)
    assert {(one["channel"], one["reason"], one["note"], one["recordedBy"], one["liftable"]) for one in found} == {
        ("EMAIL", "CUSTOMER_ASKED", "told me at the till", owner.name, True),
        ("SMS", "CUSTOMER_ASKED", "told me at the till", owner.name, True),
    }
    assert {one["address"] for one in found} == {
        f"{(ann.email or '')[0]}***@{(ann.email or '').partition('@')[2]}",
        "+49***78",
    }


async def test_an_opt_out_of_one_channel_leaves_the_other(api: Api) -> None:
    _, location, owner = await place()
    invitation = await models.Invitation.get(id=await make.invited(location, make.person(phone="+4915112345678")))
    await record(api, owner, invitation, channels=["SMS"])
    assert [one["channel"] for one in await listed(api, owner)] == ["SMS"]
    assert await state_and_reason(invitation.id) == ("QUEUED", None)


async def test_an_opt_out_of_a_channel_without_an_address_is_refused(api: Api) -> None:
    _, location, owner = await place()
    invitation = await models.Invitation.get(id=await make.invited(location))
    assert codes(await record(api, owner, invitation, channels=["SMS"])) == [("MISSING_CONTACT", ["channels"])]


async def test_only_a_hash_of_the_address_is_stored(api: Api) -> None:
    account, location, owner = await place()
    ann = make.person()
    await record(api, owner, await models.Invitation.get(id=await make.invited(location, ann)))
    row = await models.Suppression.get(account_id=account.id)
    assert ann.email
    assert ann.email.encode() not in row.address_key
    assert len(row.address_key) == 32
    assert row.hint != ann.email


async def test_the_list_finds_one_address(api: Api) -> None:
    _, location, owner = await place()
    people = [make.person() for _ in range(3)]
    for one in people:
        await record(api, owner, await models.Invitation.get(id=await make.invited(location, one)))
    wanted = people[1].email or ""
    assert len(await listed(api, owner, address=wanted)) == 1
    assert await listed(api, owner, address="nobody@example.com") == []


async def test_what_is_no_address_is_refused_with_a_sentence(api: Api) -> None:
    _, _, owner = await place()
    (error,) = (await api.ask(owner, LIST, address="@"))["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"


async def test_the_list_is_paged_most_recent_first(api: Api) -> None:
    _, location, owner = await place()
    for _ in range(3):
        await record(api, owner, await models.Invitation.get(id=await make.invited(location)))
    everything = [one["id"] for one in await listed(api, owner)]
    seen, after = [], None
    for _ in range(3):
        page = (await api.data(owner, LIST, first=1, after=after))["account"]["suppressions"]
        assert page["totalCount"] == 3
        seen += [edge["node"]["id"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
    assert seen == everything


async def test_a_mistake_is_lifted_and_the_reason_kept(api: Api) -> None:
    account, location, owner = await place()
    ann = make.person()
    await record(api, owner, await models.Invitation.get(id=await make.invited(location, ann)))
    (shown,) = await listed(api, owner)
    payload = (await api.data(owner, LIFT, id=shown["id"], reason="wrong Ann"))["liftSuppression"]
    assert (payload["userErrors"], payload["liftedId"]) == ([], shown["id"])
    assert await listed(api, owner) == []
    kept = await models.LiftedSuppression.get(account_id=account.id)
    assert (kept.lifted_by, kept.lifted_because, kept.reason) == (owner.name, "wrong Ann", "CUSTOMER_ASKED")
    await make.invited(location, ann)  # can be invited again


async def test_what_the_person_did_is_never_lifted(api: Api) -> None:
    account, _, owner = await place()
    await make.suppressed(account, "ann@example.com")
    (shown,) = await listed(api, owner)
    assert shown["liftable"] is False
    payload = (await api.data(owner, LIFT, id=shown["id"], reason="they changed their mind"))["liftSuppression"]
    assert codes(payload) == [("SUPPRESSED", ["suppressionId"])]
    assert len(await listed(api, owner)) == 1


async def test_a_person_who_unsubscribes_after_a_member_recorded_it_has_the_last_word(api: Api) -> None:
    _, location, owner = await place()
    invitation = await make.invited(location)
    message = await make.sent(invitation)
    await record(api, owner, await models.Invitation.get(id=invitation))
    async with transaction(WORK) as tx:
        await unsubscribe(tx, message, clock.now())
    assert [(one["reason"], one["liftable"]) for one in await listed(api, owner)] == [
        (SuppressionReason.UNSUBSCRIBED, False)
    ]


async def test_a_lift_without_a_reason_is_refused(api: Api) -> None:
    _, location, owner = await place()
    await record(api, owner, await models.Invitation.get(id=await make.invited(location)))
    (shown,) = await listed(api, owner)
    payload = (await api.data(owner, LIFT, id=shown["id"], reason="  "))["liftSuppression"]
    assert codes(payload) == [("INVALID", ["reason"])]


async def test_a_suppression_of_another_account_is_not_found(api: Api) -> None:
    account, location, owner = await place()
    await record(api, owner, await models.Invitation.get(id=await make.invited(location)))
    (shown,) = await listed(api, owner)
    stranger = await make.member(await make.account(), Role.OWNER)
    payload = (await api.data(stranger, LIFT, id=shown["id"], reason="x"))["liftSuppression"]
    assert codes(payload) == [("NOT_FOUND", ["suppressionId"])]
    assert await models.Suppression.filter(account_id=account.id).count() == 1


async def test_a_repeated_lift_gets_the_first_answer(api: Api) -> None:
    _, location, owner = await place()
    await record(api, owner, await models.Invitation.get(id=await make.invited(location)))
    (shown,) = await listed(api, owner)
    keyed = LIFT.replace("reason: $reason", 'reason: $reason, idempotencyKey: "once"')
    answers = [(await api.data(owner, keyed, id=shown["id"], reason="wrong Ann"))["liftSuppression"] for _ in range(2)]
    assert answers == [{"liftedId": shown["id"], "userErrors": []}] * 2


async def test_an_unsubscription_beside_a_lift_stays(api: Api, db: str) -> None:
    account, location, owner = await place()
    invitation = await make.invited(location)
    message = await make.sent(invitation)
    await record(api, owner, await models.Invitation.get(id=invitation))
    (shown,) = await listed(api, owner)
    outside = copy_context()  # so that the lift is not in the transaction below
    async with transaction(WORK) as tx:
        await unsubscribe(tx, message, clock.now())
        lifting = asyncio.create_task(api.data(owner, LIFT, id=shown["id"], reason="x"), context=outside)
        await until_a_transaction_waits(db)
    assert codes((await lifting)["liftSuppression"]) == [("SUPPRESSED", ["suppressionId"])]
    assert await models.Suppression.filter(account_id=account.id).count() == 1


@pytest.mark.parametrize("order", ["the member first", "the person first"])
async def test_what_a_member_recorded_is_not_undone_by_the_link(api: Api, order: str) -> None:
    _, location, owner = await place()
    invitation = await make.invited(location)
    message = await make.sent(invitation)

    async def by_link() -> None:
        async with transaction(WORK) as tx:
            await unsubscribe(tx, message, clock.now())

    if order == "the person first":
        await by_link()
    await record(api, owner, await models.Invitation.get(id=invitation), note="phoned")
    if order == "the member first":
        await by_link()
    async with transaction(WORK) as tx:
        assert not await resubscribe(tx, message, clock.now())
    (shown,) = await listed(api, owner)
    assert (shown["reason"], shown["note"], shown["recordedBy"]) == ("UNSUBSCRIBED", "phoned", owner.name)


async def test_an_opt_out_of_no_channel_is_refused(api: Api) -> None:
    _, location, owner = await place()
    invitation = await models.Invitation.get(id=await make.invited(location))
    assert codes(await record(api, owner, invitation, channels=[])) == [("INVALID", ["channels"])]


async def test_an_empty_address_finds_nobody_else(api: Api) -> None:
    _, _, owner = await place()
    (error,) = (await api.ask(owner, LIST, address=" "))["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"


async def test_an_internationalized_address_is_listed_and_found_as_people_type_it(api: Api) -> None:
    _, location, owner = await place()
    anna = make.person(email="anna@xn--bcher-kva.example")
    await record(api, owner, await models.Invitation.get(id=await make.invited(location, anna)))
    for address in ("anna@bücher.example", "Anna@BÜCHER.example", "anna@xn--bcher-kva.example"):
        assert [one["address"] for one in await listed(api, owner, address=address)] == ["a***@bücher.example"]
