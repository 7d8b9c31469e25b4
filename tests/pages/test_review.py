"""/r/{token}: what the page shows, what a POST of it does, and what it makes of bad input."""

import asyncio
from datetime import timedelta

import httpx
import pytest

import models
from delivery.links import VALID_FOR, Purpose
from models.clock import clock
from models.commands.stop import stop
from models.connection import WORK, execute, fetch, pool, transaction
from models.rules.enums import Goal, StopReason
from pages.page import FORM as BOUND
from tests import factories as make
from tests.gateway import Api
from tests.pages.guests import BROWSER, MINUTE, Guest, forged, guest, other_purpose

FORM = {"content-type": "application/x-www-form-urlencoded"}
HOUR = timedelta(hours=1)


async def see(api: Api, who: Guest, query: str = "", **headers: str) -> httpx.Response:
    return await api.client.get(who.review + query, headers=BROWSER | headers)


async def send(api: Api, who: Guest, **fields: str) -> httpx.Response:
    return await api.client.post(who.review, data=fields, headers=BROWSER)


async def send_raw(api: Api, who: Guest, body: str) -> httpx.Response:
    return await api.client.post(who.review, content=body, headers=BROWSER | FORM)


@pytest.mark.parametrize("score", ["0100", "0" * 5000, "11", "-1", "7.5", "07", "٣", "", " ", "\x00", "ten"])
async def test_what_is_no_score_from_0_to_10_is_asked_for_again_and_stores_nothing(api: Api, score: str) -> None:
    who = await guest()
    answer = await send(api, who, score=score)
    assert answer.status_code == 422
    assert "Please choose a score from 0 to 10." in answer.text
    assert await who.told() == []


@pytest.mark.parametrize("platform", ["%00", "google%00x", "nothing", "", "%ED%A0%80", "x" * 40_000])
async def test_a_platform_that_is_not_offered_is_404_with_those_that_are(api: Api, platform: str) -> None:
    who = await guest()
    answer = await send_raw(api, who, f"platform={platform}")
    assert answer.status_code == 404
    assert "please choose another" in answer.text
    assert answer.text.count('name="platform"') == 2
    assert await who.told() == []


async def test_fields_that_nobody_asked_for_change_nothing(api: Api) -> None:
    who = await guest()
    many = "&".join(f"f{number}=x" for number in range(2000))
    assert (await send_raw(api, who, many)).status_code == 422
    assert (await send_raw(api, who, f"{many}&score=9")).status_code == 303
    assert await who.told() == [("COMPLETED", "SYSTEM"), ("NPS_SUBMITTED", "HUMAN")]


async def test_a_form_that_is_too_long_is_413_and_stores_nothing(api: Api) -> None:
    who = await guest()
    answer = await send(api, who, score="9", note="x" * BOUND.size)
    assert (answer.status_code, "That was too long" in answer.text) == (413, True)
    assert await who.told() == []


@pytest.mark.parametrize("letter", ["ж", "評", "\n"])
async def test_a_note_as_long_as_the_page_takes_arrives_whole_in_every_script(api: Api, letter: str) -> None:
    who = await guest()
    text = "a" + letter * 4998 + "z"
    assert (await send(api, who, note=text)).status_code == 303
    (event,) = await who.events()
    assert event.feedback == text


async def test_what_was_thanked_for_before_does_not_hide_what_is_wrong_now(api: Api) -> None:
    """The page's forms are sent to the address that it has."""
    who = await guest()
    back = await send(api, who, score="9")
    again = await api.client.post(back.headers["location"], data={"score": "11"}, headers=BROWSER)
    assert (again.status_code, "Please choose a score from 0 to 10." in again.text) == (422, True)


async def test_a_note_of_blanks_is_asked_for_again(api: Api) -> None:
    who = await guest()
    answer = await send(api, who, note=" \x00\n ")
    assert (answer.status_code, "Please write something first." in answer.text) == (422, True)
    assert await who.told() == []


@pytest.mark.parametrize("kind", ["multipart/form-data; boundary=x", "application/json", "nonsense"])
async def test_a_body_that_is_no_form_is_a_score_left_out(api: Api, kind: str) -> None:
    who = await guest()
    answer = await api.client.post(who.review, content=b'{"score": 9}\xff\x00', headers={"content-type": kind})
    assert answer.status_code == 422


async def test_who_leaves_in_the_middle_of_a_form_is_no_error_of_ours(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    who = await guest()
    at = api.client.base_url
    _, writer = await asyncio.open_connection(at.host, at.port)
    writer.write(f"POST {who.review} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nscore=9".encode())
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    assert (await see(api, who)).status_code == 200
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []
    assert [kind for kind, _ in await who.told()] == ["LINK_CLICKED"]


async def test_a_forged_link_is_404_and_one_whose_time_is_over_is_410(api: Api) -> None:
    who = await guest()
    for link in (forged(who.review), other_purpose(Purpose.REVIEW, who.unsubscribe), "/r/x", "/r/%00", "/r/é"):
        assert [(await ask(link)).status_code for ask in (api.client.get, api.client.post)] == [404, 404]
    clock.move(VALID_FOR - MINUTE)
    assert (await see(api, who)).status_code == 200
    clock.move(MINUTE)
    told = await who.told()
    answers = [await see(api, who), await send(api, who, score="9")]
    assert [(answer.status_code, "180 days" in answer.text) for answer in answers] == [(410, True), (410, True)]
    assert await who.told() == told


@pytest.mark.parametrize(
    ("wish", "of_location", "spoken"),
    [
        ("de-AT,de;q=0.9,en;q=0.5", "en", "de"),
        ("en", "de", "en"),
        ("en;q=0.2, de;q=0.9", "en", "de"),
        ("fr, de;q=0, en;q=0.1", "de", "en"),
        ("fr-FR, fr;q=0.9", "de", "de"),
        ("*", "de", "de"),
        ("", "fr", "en"),
        ("den, de;q=x, ;;;,", "en", "en"),
    ],
)
async def test_the_page_is_in_the_browsers_language_or_the_locations(
    api: Api, wish: str, of_location: str, spoken: str
) -> None:
    who = await guest(language=of_location)
    answer = await see(api, who, **{"accept-language": wish})
    assert f'<html lang="{spoken}">' in answer.text
    assert ("weiterempfehlen" in answer.text) == (spoken == "de")


async def test_names_are_text_and_nothing_else(api: Api) -> None:
    who = await guest(make.person(first_name="<b>{score}</b>"), name="Bread & {name}")
    page = (await see(api, who)).text
    assert "Hello &lt;b&gt;{score}&lt;/b&gt;, how was it at Bread &amp; {name}?" in page


async def test_every_score_is_offered_the_same_platforms_and_the_note_as_an_addition(api: Api) -> None:
    who = await guest()
    pages = [(await see(api, who)).text]
    for score in range(11):
        back = await send(api, who, score=str(score))
        pages.append((await api.client.get(back.headers["location"])).text)
        assert f"Your score is {score};" in pages[-1]
    without_score = [page.partition('name="platform"')[2] for page in pages]
    assert len(set(without_score)) == 1
    assert {page.count('name="platform"') for page in pages} == {2}
    assert {page.count('name="note"') for page in pages} == {1}


async def test_choosing_leads_to_the_locations_own_address_and_to_no_other(api: Api) -> None:
    who = await guest()
    answer = await api.client.post(
        f"{who.review}?url=https://evil.example.com",
        data={"platform": "google", "url": "https://evil.example.com"},
        headers=BROWSER,
    )
    assert (answer.status_code, answer.headers["location"]) == (303, f"https://google.example.com/{who.location.key}")
    assert ("PLATFORM_CHOSEN", "HUMAN") in await who.told()
    await models.ReviewPlatform.filter(location_id=who.location.id, key="google").update(offered=False)
    assert (await send(api, who, platform="google")).status_code == 404


async def test_head_answers_as_get_does_and_leaves_no_trace(api: Api) -> None:
    who = await guest()
    head = await api.client.head(who.review, headers=BROWSER)
    assert (head.status_code, head.content) == (200, b"")
    assert await who.told() == []
    got = await see(api, who)
    assert dict(head.headers) | {"date": ""} == dict(got.headers) | {"date": ""}
    assert (await api.client.head(forged(who.review))).status_code == 404


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_another_method_is_405_and_told_which_there_are(api: Api, method: str) -> None:
    who = await guest()
    for link in (who.review, who.unsubscribe):
        answer = await api.client.request(method, link)
        assert answer.status_code == 405
        assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD", "POST"}


async def test_a_click_is_unknown_until_something_is_sent_from_the_page(api: Api) -> None:
    who = await guest(goals=[])
    await see(api, who)
    assert await who.told() == [("LINK_CLICKED", "UNKNOWN")]
    clock.move(MINUTE)
    await send(api, who, score="9")
    assert await who.told() == [("NPS_SUBMITTED", "HUMAN"), ("LINK_CLICKED", "HUMAN")]


async def test_a_later_click_is_unknown_until_something_is_sent_again(api: Api) -> None:
    who = await guest(goals=[])
    await see(api, who)
    await send(api, who, score="9")
    clock.move(HOUR)
    await see(api, who)
    assert (await who.told())[0] == ("LINK_CLICKED", "UNKNOWN")
    clock.move(MINUTE)
    await send(api, who, note="And one more thing.")
    assert {actor for _, actor in await who.told()} == {"HUMAN"}


async def test_a_click_stays_a_humans_whatever_comes_late(api: Api) -> None:
    """Two acts at once may be written in the other order."""
    who = await guest(goals=[])
    await see(api, who)
    await send(api, who, score="9")
    clock.move(-MINUTE)
    await send(api, who, score="8")
    assert ("LINK_CLICKED", "HUMAN") in await who.told()


async def test_a_click_on_one_message_says_nothing_of_another(api: Api) -> None:
    who = await guest(goals=[])
    second = await models.Message.get(invitation_id=who.invitation_id, step=2)
    reminded = Guest(who.location, who.invitation_id, second.id, who.given_at)
    await see(api, who)
    await send(api, reminded, score="9")
    assert ("LINK_CLICKED", "UNKNOWN") in await who.told()


async def test_our_own_redirect_back_is_no_click(api: Api) -> None:
    who = await guest(goals=[])
    await see(api, who)
    clock.move(HOUR)
    for fields in ({"score": "9"}, {"note": "Thank you"}):
        back = await api.client.post(who.review, data=fields, headers=BROWSER, follow_redirects=True)
        assert (back.status_code, "Thank you" in back.text) == (200, True)
    assert [kind for kind, _ in await who.told()].count("LINK_CLICKED") == 1


@pytest.mark.parametrize(
    "agent", ["", "Mozilla/5.0", "Slackbot-LinkExpanding 1.0", "python-requests/2.32", "GoogleImageProxy"]
)
async def test_a_scanners_click_is_told_as_such_counts_nowhere_and_never_becomes_a_humans(api: Api, agent: str) -> None:
    who = await guest(goals=[])
    await see(api, who, **{"user-agent": agent})
    assert await clicked(who) == 0
    clock.move(MINUTE)
    await send(api, who, score="9")
    assert ("LINK_CLICKED", "LIKELY_MACHINE") in await who.told()


async def clicked(who: Guest) -> int:
    """Invitations of the account that were clicked, as the funnel counts."""
    rows = await fetch(
        pool(WORK),
        "select coalesce(sum(clicked), 0) as n from funnel_day where account_id = $1",
        who.location.account_id,
    )
    return int(rows[0]["n"])


async def test_a_click_counts_once_and_stops_nothing(api: Api) -> None:
    who = await guest(goals=[Goal.LINK_CLICKED])
    for _ in range(3):
        await see(api, who)
        clock.move(HOUR)
    assert (await clicked(who), await who.state()) == (1, ("ACTIVE", None))


ACTS = [
    (Goal.NPS_GIVEN, {"score": "0"}),
    (Goal.PLATFORM_CHOSEN, {"platform": "google"}),
    (Goal.LINK_CLICKED, {"note": "!"}),
]


@pytest.mark.parametrize(("goal", "fields"), ACTS)
async def test_a_goal_of_the_location_completes_the_invitation_also_while_stopped(
    api: Api, goal: Goal, fields: dict[str, str]
) -> None:
    for stopped in (False, True):
        who = await guest(goals=[goal])
        if stopped:
            async with transaction() as tx:
                await stop(tx, who.invitation_id, StopReason.OTHER, make.MEMBER, clock.now())
        assert (await send(api, who, **fields)).status_code == 303
        assert await who.state() == ("COMPLETED", str(goal))
        unsent = await models.Message.filter(invitation_id=who.invitation_id, state="CANCELLED").count()
        assert unsent == 3


@pytest.mark.parametrize(("goal", "fields"), ACTS)
async def test_what_the_location_does_not_count_as_its_goal_ends_nothing(
    api: Api, goal: Goal, fields: dict[str, str]
) -> None:
    who = await guest(goals=sorted(set(Goal) - {goal, Goal.LINK_CLICKED}))
    assert (await send(api, who, **fields)).status_code == 303
    assert await who.state() == ("ACTIVE", None)


async def test_answers_are_taken_after_the_end_and_the_latest_score_is_the_customers(api: Api) -> None:
    who = await guest()
    for score in ("2", "10"):
        assert (await send(api, who, score=score)).status_code == 303
        clock.move(HOUR)
    assert [kind for kind, _ in await who.told()] == ["NPS_SUBMITTED", "COMPLETED", "NPS_SUBMITTED"]
    invitation = await models.Invitation.get(id=who.invitation_id)
    assert (await models.Customer.get(id=invitation.customer_id)).nps_score == 10


async def test_a_location_without_platforms_shows_none(api: Api) -> None:
    who = await guest()
    await execute(pool(WORK), "update review_platform set offered = false where location_id = $1", who.location.id)
    assert "Tell others" not in (await see(api, who)).text
