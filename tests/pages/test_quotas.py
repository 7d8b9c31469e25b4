"""What the holder of one link can add: so much and no more, however often and at how many places at once they try."""

import asyncio

import pytest

import models
from models.clock import clock
from models.commands import answers
from models.connection import WORK, transaction
from models.rules.enums import ActivityKind, ActorKind
from models.rules.quota import OF_A_MESSAGE
from tests.gateway import Api
from tests.pages.guests import BROWSER, FIREFOX, MINUTE, Guest, guest

AT_ONCE = 30


async def stored(who: Guest, kind: ActivityKind) -> int:
    return await models.ActivityEvent.filter(message_id=who.message_id, kind=kind).count()


async def post(api: Api, who: Guest, **fields: str) -> int:
    return (await api.client.post(who.review, data=fields, headers=BROWSER)).status_code


@pytest.mark.parametrize(
    ("fields", "kind", "after"),
    [
        ({"score": "9"}, ActivityKind.NPS_SUBMITTED, 429),
        ({"note": "Once more"}, ActivityKind.FEEDBACK_SUBMITTED, 429),
        ({"platform": "google"}, ActivityKind.PLATFORM_CHOSEN, 303),
    ],
    ids=["scores", "notes", "choices"],
)
async def test_answers_sent_at_once_stop_being_stored_at_their_bound(
    api: Api, fields: dict[str, str], kind: ActivityKind, after: int
) -> None:
    who = await guest()
    told = await asyncio.gather(*(post(api, who, **fields) for _ in range(AT_ONCE)))
    assert set(told) == {303, after}
    assert told.count(303) == (OF_A_MESSAGE[kind] if after == 429 else AT_ONCE)
    assert await stored(who, kind) == OF_A_MESSAGE[kind]
    assert await post(api, who, **fields) == after
    assert await stored(who, kind) == OF_A_MESSAGE[kind]


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("en", "You have answered often enough here"), ("de", "Sie haben hier oft genug geantwortet")],
)
async def test_beyond_the_bound_the_page_says_so_in_its_language_and_the_last_score_counts(
    api: Api, language: str, sentence: str
) -> None:
    who = await guest()
    for score in range(OF_A_MESSAGE[ActivityKind.NPS_SUBMITTED]):
        assert await post(api, who, score=str(score % 10)) == 303
    before = await who.events()
    answer = await api.client.post(who.review, data={"score": "10"}, headers=BROWSER | {"accept-language": language})
    assert (answer.status_code, sentence in answer.text) == (429, True)
    assert answer.text.count('name="platform"') == 2
    assert await who.events() == before
    invitation = await models.Invitation.get(id=who.invitation_id)
    assert (await models.Customer.get(id=invitation.customer_id)).nps_score == 9


async def test_another_message_of_the_same_person_has_a_share_of_its_own(api: Api) -> None:
    first, second = await guest(), await guest()
    for _ in range(OF_A_MESSAGE[ActivityKind.FEEDBACK_SUBMITTED]):
        await post(api, first, note="One")
    assert (await post(api, first, note="One"), await post(api, second, note="Two")) == (429, 303)


@pytest.mark.parametrize("actor", [ActorKind.UNKNOWN, ActorKind.LIKELY_MACHINE])
async def test_opens_and_clicks_stop_being_stored_at_their_bound(api: Api, actor: ActorKind) -> None:
    who = await guest(goals=[])
    for _ in range(OF_A_MESSAGE[ActivityKind.OPENED] + 5):
        clock.move(11 * MINUTE)
        async with transaction(WORK) as tx:
            await answers.opened(tx, who.message_id, actor, clock.now())
            await answers.clicked(tx, who.message_id, actor, clock.now())
    assert await stored(who, ActivityKind.OPENED) == OF_A_MESSAGE[ActivityKind.OPENED]
    assert await stored(who, ActivityKind.LINK_CLICKED) == OF_A_MESSAGE[ActivityKind.LINK_CLICKED]


async def test_machines_leave_the_human_s_share_alone(api: Api) -> None:
    who = await guest(goals=[])
    for _ in range(OF_A_MESSAGE[ActivityKind.OPENED]):
        clock.move(11 * MINUTE)
        async with transaction(WORK) as tx:
            await answers.opened(tx, who.message_id, ActorKind.LIKELY_MACHINE, clock.now())
    clock.move(11 * MINUTE)
    picture = await api.client.get(who.picture, headers={"user-agent": FIREFOX})
    assert picture.status_code == 200
    assert await stored(who, ActivityKind.OPENED) == OF_A_MESSAGE[ActivityKind.OPENED] + 1
