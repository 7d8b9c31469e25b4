"""Limits on what can be stored with one link, also by concurrent requests."""

import asyncio

import pytest

import models
from models.clock import clock
from models.commands import answers
from models.connection import WORK, transaction
from models.rules.enums import ActivityKind, ActorKind
from models.rules.quota import OF_A_MESSAGE
from tests.gateway import Api
from tests.pages.guests import BROWSER, FIREFOX, MINUTE, Guest, create_guest

CONCURRENT = 30


async def stored(guest: Guest, kind: ActivityKind) -> int:
    return await models.ActivityEvent.filter(message_id=guest.message_id, kind=kind).count()


async def post(api: Api, guest: Guest, **fields: str) -> int:
    return (await api.client.post(guest.review, data=fields, headers=BROWSER)).status_code


@pytest.mark.parametrize(
    ("fields", "kind", "status"),
    [
        ({"note": "Note {}"}, ActivityKind.FEEDBACK_SUBMITTED, 429),
        ({"platform": "google"}, ActivityKind.PLATFORM_CHOSEN, 303),
    ],
    ids=["notes", "choices"],
)
async def test_concurrent_answers_are_stored_up_to_their_limit(
    api: Api, fields: dict[str, str], kind: ActivityKind, status: int
) -> None:
    guest = await create_guest()
    submitted = [{name: value.format(number) for name, value in fields.items()} for number in range(CONCURRENT)]
    statuses = await asyncio.gather(*(post(api, guest, **answer) for answer in submitted))
    assert set(statuses) == {303, status}
    assert statuses.count(303) == (OF_A_MESSAGE[kind] if status == 429 else CONCURRENT)
    assert await stored(guest, kind) == OF_A_MESSAGE[kind]
    assert await post(api, guest, **fields) == status
    assert await stored(guest, kind) == OF_A_MESSAGE[kind]


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "You have reached the limit; your earlier answers are saved"),
        ("de", "Mehr Antworten sind hier nicht möglich"),
    ],
)
async def test_beyond_the_limit_the_page_explains_it_and_keeps_the_last_score(
    api: Api, language: str, sentence: str
) -> None:
    guest = await create_guest()
    for score in range(OF_A_MESSAGE[ActivityKind.NPS_SUBMITTED]):
        assert await post(api, guest, score=str(score % 10)) == 303
    before = await guest.events()
    answer = await api.client.post(guest.review, data={"score": "10"}, headers=BROWSER | {"accept-language": language})
    assert (answer.status_code, sentence in answer.text) == (429, True)
    assert answer.text.count('name="platform"') == 2
    assert await guest.events() == before
    invitation = await models.Invitation.get(id=guest.invitation_id)
    assert (await models.Customer.get(id=invitation.customer_id)).nps_score == 9


async def test_each_message_has_its_own_limit(api: Api) -> None:
    first, second = await create_guest(), await create_guest()
    for number in range(OF_A_MESSAGE[ActivityKind.FEEDBACK_SUBMITTED]):
        await post(api, first, note=f"Note {number}")
    assert (await post(api, first, note="One"), await post(api, second, note="Two")) == (429, 303)


@pytest.mark.parametrize("actor", [ActorKind.UNKNOWN, ActorKind.LIKELY_MACHINE])
async def test_opens_and_clicks_are_stored_up_to_their_limit(api: Api, actor: ActorKind) -> None:
    guest = await create_guest(goals=[])
    for _ in range(OF_A_MESSAGE[ActivityKind.OPENED] + 5):
        clock.move(11 * MINUTE)
        async with transaction(WORK) as tx:
            await answers.opened(tx, guest.message_id, actor, clock.now())
            await answers.clicked(tx, guest.message_id, actor, clock.now())
    assert await stored(guest, ActivityKind.OPENED) == OF_A_MESSAGE[ActivityKind.OPENED]
    assert await stored(guest, ActivityKind.LINK_CLICKED) == OF_A_MESSAGE[ActivityKind.LINK_CLICKED]


async def test_machines_do_not_use_up_a_persons_limit(api: Api) -> None:
    guest = await create_guest(goals=[])
    for _ in range(OF_A_MESSAGE[ActivityKind.OPENED]):
        clock.move(11 * MINUTE)
        async with transaction(WORK) as tx:
            await answers.opened(tx, guest.message_id, ActorKind.LIKELY_MACHINE, clock.now())
    clock.move(11 * MINUTE)
    response = await api.client.get(guest.pixel, headers={"user-agent": FIREFOX})
    assert response.status_code == 200
    assert await stored(guest, ActivityKind.OPENED) == OF_A_MESSAGE[ActivityKind.OPENED] + 1
