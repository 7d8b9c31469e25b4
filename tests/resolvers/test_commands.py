"""Mutations: their results, user errors and idempotency keys."""

import asyncio
from datetime import timedelta

import models
from models.clock import clock
from models.rules import ids
from models.rules.enums import Channel, MessageState
from tests import factories as make
from tests.bulk_import.imports import add_sms_step
from tests.gateway import Api, Json

INVITE = """mutation ($input: InviteCustomerInput!) { inviteCustomer(input: $input) {
  invitation { id state source channels customer { id firstName email phone } } userErrors { code field message } } }"""
STOP = """mutation ($input: StopInvitationInput!) { stopInvitation(input: $input) {
  invitation { id state stateReason canStop { code reason } canRestart { allowed code } } userErrors { code field } } }"""
RESTART = """mutation ($input: RestartInvitationInput!) { restartInvitation(input: $input) {
  invitation { state } userErrors { code field } } }"""
RECORD = """mutation ($input: RecordReviewInput!) { recordReview(input: $input) { matchedBy customer { id rating }
  review { id reviewerName rating sentiment platform { key } } userErrors { code field message } } }"""


async def place() -> tuple[models.User, models.Location, str]:
    account = await make.account()
    location = await make.location(account)
    return await make.member(account), location, ids.public_id(ids.LOCATION, location.id)


def ann(location: str, **given: object) -> Json:
    wanted = {"locationId": location, "firstName": " Ann ", "email": f"{make.unique('ann')}@Example.com"}
    return wanted | {"channels": ["EMAIL"], "sendAt": (clock.now() + timedelta(days=2)).isoformat()} | given


async def invite(api: Api, who: models.User, given: Json) -> Json:
    found: Json = (await api.data(who, INVITE, input=given))["inviteCustomer"]
    return found


def codes(payload: Json) -> list[tuple[str, list[str] | None]]:
    return [(error["code"], error["field"]) for error in payload["userErrors"]]


async def invited(location: models.Location) -> str:
    return ids.public_id(ids.INVITATION, await make.invited(location, send_at=clock.now() + timedelta(days=2)))


async def test_invite_returns_the_stored_customer(api: Api) -> None:
    owner, _, location = await place()
    made = await invite(api, owner, ann(location, phone="0151 12345678"))
    assert made["userErrors"] == []
    customer = made["invitation"]["customer"]
    assert (customer["firstName"], customer["phone"]) == ("Ann", "+4915112345678")
    assert (made["invitation"]["state"], made["invitation"]["source"]) == ("QUEUED", "Manual entry")


async def test_phone_numbers_are_parsed_for_the_locations_country(api: Api) -> None:
    account = await make.account(country="DE")
    location = ids.public_id(ids.LOCATION, (await make.location(account, country="AT")).id)
    made = await invite(api, await make.member(account), ann(location, phone="0664 1234567"))
    assert made["invitation"]["customer"]["phone"] == "+436641234567"


async def test_a_typed_placeholder_counts_as_a_blank(api: Api) -> None:
    owner, _, location = await place()
    made = await invite(api, owner, ann(location, firstName="-", lastName="n/a", phone="--", service="0"))
    assert (made["userErrors"], made["invitation"]["customer"]["firstName"]) == ([], None)
    assert made["invitation"]["customer"]["phone"] is None
    assert codes(await invite(api, owner, ann(location, email="n/a"))) == [("MISSING_CONTACT", ["email"])]


async def test_user_errors_name_the_field(api: Api) -> None:
    owner, _, location = await place()
    assert codes(await invite(api, owner, ann(location, email="ann at home"))) == [("INVALID_EMAIL", ["email"])]
    assert codes(await invite(api, owner, ann(location, phone="12"))) == [("INVALID_PHONE", ["phone"])]
    assert codes(await invite(api, owner, ann("loc_1"))) == [("NOT_FOUND", ["locationId"])]
    refused = await invite(api, owner, ann(location, email=None))
    assert (refused["invitation"], refused["userErrors"][0]["code"]) == (None, "MISSING_CONTACT")


async def test_repeated_request_returns_the_first_answer(api: Api) -> None:
    owner, _, location = await place()
    given = ann(location, idempotencyKey="one")
    first = await invite(api, owner, given)
    assert first["userErrors"] == []
    assert await invite(api, owner, given) == first
    other = await invite(api, owner, ann(location, idempotencyKey="one"))
    assert codes(other) == [("IDEMPOTENCY_CONFLICT", ["idempotencyKey"])]
    assert (await invite(api, owner, ann(location, idempotencyKey="two")))["userErrors"] == []


async def test_concurrent_requests_with_the_same_key_invite_once(api: Api) -> None:
    owner, location, key = await place()
    given = ann(key, idempotencyKey="at once")
    answers = await asyncio.gather(*(invite(api, owner, given) for _ in range(6)))
    assert answers == [answers[0]] * 6
    assert await models.Invitation.filter(location_id=location.id).count() == 1


async def test_refusal_is_repeated_for_its_key(api: Api) -> None:
    owner, location, key = await place()
    given = ann(key)
    first = (await invite(api, owner, given))["invitation"]
    again = given | {"idempotencyKey": "again"}
    assert codes(await invite(api, owner, again))[0][0] == "ALREADY_ACTIVE"
    await api.data(owner, STOP, input={"invitationId": first["id"]})
    assert codes(await invite(api, owner, again))[0][0] == "ALREADY_ACTIVE"
    assert await models.Invitation.filter(location_id=location.id).count() == 1


async def test_idempotency_keys_are_per_account(api: Api) -> None:
    for _ in range(2):
        owner, _, location = await place()
        assert (await invite(api, owner, ann(location, idempotencyKey="mine")))["userErrors"] == []


async def test_empty_or_long_key_is_refused(api: Api) -> None:
    owner, _, location = await place()
    for key in ("", "x" * 256):
        assert codes(await invite(api, owner, ann(location, idempotencyKey=key))) == [("INVALID", ["idempotencyKey"])]


async def test_stopping_twice_changes_nothing_and_restart_resumes(api: Api) -> None:
    owner, location, _ = await place()
    key = await invited(location)
    first = (await api.data(owner, STOP, input={"invitationId": key, "reason": "DISPUTE"}))["stopInvitation"]
    assert (first["invitation"]["state"], first["invitation"]["stateReason"]) == ("STOPPED", "DISPUTE")
    assert first["invitation"]["canStop"] == {"code": "STATE", "reason": "This invitation is already stopped."}
    assert (await api.data(owner, STOP, input={"invitationId": key}))["stopInvitation"] == first
    restarted = (await api.data(owner, RESTART, input={"invitationId": key}))["restartInvitation"]
    assert restarted == {"invitation": {"state": "QUEUED"}, "userErrors": []}
    twice = (await api.data(owner, RESTART, input={"invitationId": key}))["restartInvitation"]
    assert twice["userErrors"] == [{"code": "NOT_STOPPED", "field": ["invitationId"]}]


async def test_can_restart_reports_a_suppressed_customer(api: Api) -> None:
    owner, location, _ = await place()
    key = await invited(location)
    stopped = (await api.data(owner, STOP, input={"invitationId": key, "reason": "CUSTOMER_ASKED"}))["stopInvitation"]
    assert stopped["invitation"]["canRestart"] == {"allowed": False, "code": "SUPPRESSED"}
    tried = (await api.data(owner, RESTART, input={"invitationId": key}))["restartInvitation"]
    assert tried["userErrors"] == [{"code": "SUPPRESSED", "field": ["invitationId"]}]


async def test_of_two_stopped_people_only_the_one_who_did_not_opt_out_can_be_restarted(api: Api) -> None:
    owner, location, _ = await place()
    for reason in ("DISPUTE", "CUSTOMER_ASKED"):
        await api.data(owner, STOP, input={"invitationId": await invited(location), "reason": reason})
    page = "{ account { customers { edges { node { invitation { stateReason canRestart { code } } } } } } }"
    for _ in range(3):  # the third time by a plan
        edges = (await api.data(owner, page))["account"]["customers"]["edges"]
        found = {one["node"]["invitation"]["stateReason"]: one["node"]["invitation"]["canRestart"] for one in edges}
        assert found == {"DISPUTE": {"code": None}, "CUSTOMER_ASKED": {"code": "SUPPRESSED"}}


async def test_recording_a_review_again_updates_it(api: Api) -> None:
    owner, location, key = await place()
    invitation = await invited(location)
    given = {
        "locationId": key,
        "platform": "google",
        "externalId": "g-1",
        "reviewerName": "Änne",
        "reviewedOn": "2026-05-01T09:30:00+02:00",
        "rating": 4.0,
        "invitationId": invitation,
    }
    first = (await api.data(owner, RECORD, input=given))["recordReview"]
    assert first["matchedBy"] == "INVITATION"
    assert (first["review"]["sentiment"], first["customer"]["rating"]) == ("POSITIVE", 4.0)
    again = (await api.data(owner, RECORD, input=given | {"rating": 2.0}))["recordReview"]
    assert (again["review"]["id"], again["customer"]["rating"]) == (first["review"]["id"], 2.0)
    unknown = (await api.data(owner, RECORD, input=given | {"platform": "nowhere"}))["recordReview"]
    assert unknown["review"] is None
    assert unknown["userErrors"][0]["field"] == ["platform"]


async def test_date_time_without_offset_is_refused_with_an_example(api: Api) -> None:
    owner, _, location = await place()
    answer = await api.ask(owner, INVITE, input=ann(location, sendAt="2026-05-01 10:00"))
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert "2026-05-01T09:30:00Z" in error["message"]


async def test_user_without_memberships_has_no_account(api: Api) -> None:
    user = await models.User.create(issuer="tests", subject=make.unique("user"), name="Nobody", email="n@example.com")
    assert await api.data(user, "{ account { name } viewer { memberships { role } } }") == {
        "account": None,
        "viewer": {"memberships": []},
    }


async def test_refused_mutation_leaves_nothing_behind(api: Api) -> None:
    """A restart leaves out suppressed channels before it takes from the allowance."""
    account = await make.account()
    location = await add_sms_step(await make.location(account, steps=(0,)), number=2)
    person = make.person(phone="+4915112345678")
    key = await make.invited(location, person, channels=[Channel.EMAIL, Channel.SMS])
    owner, invitation = await make.member(account), ids.public_id(ids.INVITATION, key)
    await api.data(owner, STOP, input={"invitationId": invitation})
    await make.suppressed(account, person.email)
    await models.Account.filter(id=account.id).update(overrides={"invitations": 0})
    for given in ({}, {"idempotencyKey": "one"}):
        refused = (await api.data(owner, RESTART, input={"invitationId": invitation} | given))["restartInvitation"]
        assert codes(refused) == [("ALLOWANCE_EXCEEDED", ["invitationId"])]
    messages = await models.Message.filter(invitation_id=key)
    assert {message.state for message in messages} == {MessageState.PAUSED}


async def test_a_customer_is_invited_with_row_level_security(row_security_api: Api) -> None:
    owner, _, location = await place()
    again = ann(location)
    made = await invite(row_security_api, owner, again)
    assert made["userErrors"] == []
    assert codes(await invite(row_security_api, owner, again)) == [("ALREADY_ACTIVE", ["email"])]
