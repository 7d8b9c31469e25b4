"""Previews, and test messages to oneself."""

from datetime import timedelta
from uuid import UUID

import models
from models.clock import clock
from models.connection import WORK, execute, fetch, pool
from models.rules import ids
from models.rules.enums import Channel, Role
from models.rules.quota import TESTS_OF_AN_ACCOUNT
from tests import factories as make
from tests.gateway import Api, Json

PREVIEW = """mutation ($input: PreviewMessageInput!) { previewMessage(input: $input) {
  preview { subject text html } userErrors { code field message } } }"""
SEND = """mutation ($input: SendTestMessageInput!) { sendTestMessage(input: $input) {
  recipient userErrors { code field message } } }"""


async def place(**given: object) -> tuple[models.User, models.Location]:
    account = await make.account()
    return await make.member(account), await make.location(account, **given)  # type: ignore[arg-type]


def of(location: models.Location, **given: object) -> Json:
    return {"locationId": ids.public_id(ids.LOCATION, location.id), "step": 1} | given


async def preview(api: Api, who: models.User, given: Json) -> Json:
    found: Json = (await api.data(who, PREVIEW, input=given))["previewMessage"]
    return found


async def send(api: Api, who: models.User, given: Json) -> Json:
    found: Json = (await api.data(who, SEND, input=given))["sendTestMessage"]
    return found


def errors(payload: Json) -> list[tuple[str, list[str]]]:
    return [(error["code"], error["field"]) for error in payload["userErrors"]]


async def stored(location: models.Location) -> list[UUID]:
    """The users to whom test messages go."""
    rows = await fetch(pool(WORK), "select user_id from test_message where location_id = $1", location.id)
    return [row["user_id"] for row in rows]


async def test_a_preview_shows_subject_text_and_page_for_a_person(api: Api) -> None:
    owner, location = await place(name="Bakery", color="#2f6f4f")
    found = (await preview(api, owner, of(location, name="Zoë Quinn")))["preview"]
    assert found["subject"] == "How was Bakery?"
    assert found["text"].startswith("Hello Zoë, how was it? http")
    assert "<p>Hello Zoë, " in found["html"]
    assert "#2f6f4f" in found["html"]


async def test_a_preview_is_for_the_viewer_if_nobody_is_named_and_tracks_nothing(api: Api) -> None:
    owner, location = await place()
    found = (await preview(api, owner, of(location)))["preview"]
    assert found["text"].startswith("Hello Member, ")
    assert "/o/" not in found["html"]


async def test_the_links_of_a_preview_work_and_record_nothing(api: Api) -> None:
    owner, location = await place()
    text = (await preview(api, owner, of(location)))["preview"]["text"]
    review = text.split("how was it? ")[1].split()[0]
    unsubscribe = text.rsplit("Unsubscribe: ")[1].strip()
    before = await counts()
    for link in (review, unsubscribe):
        path = "/" + link.split("/", 3)[3]
        answers = [await api.client.get(path), await api.client.post(path, data={"score": "9"})]
        assert [("This is a test message" in answer.text, answer.status_code) for answer in answers] == [
            (True, 200)
        ] * 2
    assert await counts() == before


async def counts() -> list[int]:
    text = "select (select count(*) from activity_event), (select count(*) from suppression)"
    (row,) = await fetch(pool(WORK), text)
    return list(row)


async def test_a_step_that_does_not_exist_or_is_no_mail_is_told(api: Api) -> None:
    owner, location = await place()
    await models.SequenceStep.filter(location_id=location.id, number=2).update(channel=Channel.SMS)
    assert errors(await preview(api, owner, of(location, step=5))) == [("NOT_FOUND", ["step"])]
    assert errors(await send(api, owner, of(location, step=5))) == [("NOT_FOUND", ["step"])]
    assert errors(await send(api, owner, of(location, step=2))) == [("INVALID", ["step"])]


async def test_a_template_that_cannot_be_filled_in_is_told(api: Api) -> None:
    owner, location = await place()
    await models.Template.filter(location_id=location.id).update(html="{{ last_name|first }}")
    refused = await preview(api, owner, of(location, name="Ann"))
    assert errors(refused) == [("INVALID", ["step"])]
    assert "No first item" in refused["userErrors"][0]["message"]


async def test_a_test_message_goes_to_the_members_own_address(api: Api) -> None:
    owner, location = await place()
    found = await send(api, owner, of(location))
    assert (found["recipient"], found["userErrors"]) == (owner.email, [])
    assert await stored(location) == [owner.id]
    rows = await fetch(pool(WORK), "select 1 from jobs.pgqueuer where entrypoint = 'message.test'")
    assert rows


async def test_a_members_internationalized_address_is_shown_as_people_type_it(api: Api) -> None:
    owner, location = await place()
    await models.User.filter(id=owner.id).update(email="mia@xn--bcher-kva.example")
    assert (await api.data(owner, "{ viewer { email } }"))["viewer"]["email"] == "mia@bücher.example"
    assert (await send(api, owner, of(location)))["recipient"] == "mia@bücher.example"


async def test_a_location_without_a_sender_sends_no_test_message(api: Api) -> None:
    owner, location = await place(sender_email=None)
    assert errors(await send(api, owner, of(location))) == [("INVALID", ["locationId"])]


async def test_the_same_key_sends_once_and_never_to_another_member(api: Api) -> None:
    owner, location = await place()
    account = await models.Account.get(id=location.account_id)
    other = await make.member(account, Role.MANAGER)
    given = of(location, idempotencyKey="k")
    assert [(await send(api, owner, given))["recipient"] for _ in range(2)] == [owner.email] * 2
    assert errors(await send(api, other, given)) == [("IDEMPOTENCY_CONFLICT", ["idempotencyKey"])]
    assert await stored(location) == [owner.id]


_COPIES = """
insert into test_message (id, account_id, location_id, template_id, step, user_id, created_at)
select uuidv7(), account_id, location_id, template_id, step, user_id, created_at
from test_message, generate_series(2, $2) where location_id = $1
"""


async def test_an_account_sends_a_limited_number_of_test_messages_a_day(api: Api) -> None:
    owner, location = await place()
    await send(api, owner, of(location))
    await execute(pool(WORK), _COPIES, location.id, TESTS_OF_AN_ACCOUNT)
    refused = await send(api, owner, of(location))
    assert errors(refused) == [("ALLOWANCE_EXCEEDED", ["step"])]
    assert (clock.now() + timedelta(days=1)).isoformat()[:13] in refused["userErrors"][0]["message"]
    text = "update test_message set created_at = created_at - interval '1 day' where location_id = $1"
    await execute(pool(WORK), text, location.id)
    assert (await send(api, owner, of(location)))["userErrors"] == []
