"""/r/{token}: the page, its forms, and invalid input."""

import asyncio
from datetime import timedelta

import httpx
import pytest

import models
from delivery.links import VALID_FOR, Purpose
from models.clock import clock
from models.commands import answers
from models.commands.stop import stop
from models.connection import WORK, execute, fetch, pool, transaction
from models.rules.enums import Goal, StopReason
from pages.page import FORM as LIMITS
from tests import factories as make
from tests.gateway import Api
from tests.pages.guests import BROWSER, MINUTE, Guest, create_guest, forged, other_purpose

FORM = {"content-type": "application/x-www-form-urlencoded"}
HOUR = timedelta(hours=1)


async def get_page(api: Api, guest: Guest, query: str = "", **headers: str) -> httpx.Response:
    return await api.client.get(guest.review + query, headers=BROWSER | headers)


async def submit(api: Api, guest: Guest, **fields: str) -> httpx.Response:
    return await api.client.post(guest.review, data=fields, headers=BROWSER)


async def submit_raw(api: Api, guest: Guest, body: str) -> httpx.Response:
    return await api.client.post(guest.review, content=body, headers=BROWSER | FORM)


@pytest.mark.parametrize("score", ["0100", "0" * 5000, "11", "-1", "7.5", "07", "٣", "", " ", "\x00", "ten"])
async def test_an_invalid_score_is_refused(api: Api, score: str) -> None:
    guest = await create_guest()
    answer = await submit(api, guest, score=score)
    assert answer.status_code == 422
    assert "Please choose a score from 0 to 10." in answer.text
    assert await guest.actions() == []


@pytest.mark.parametrize("platform", ["%00", "google%00x", "nothing", "", "%ED%A0%80", "x" * 40_000])
async def test_a_platform_that_is_not_offered_is_404_and_lists_those_that_are(api: Api, platform: str) -> None:
    guest = await create_guest()
    answer = await submit_raw(api, guest, f"platform={platform}")
    assert answer.status_code == 404
    assert "please choose another" in answer.text
    assert answer.text.count('name="platform"') == 2
    assert await guest.actions() == []


async def test_unknown_fields_are_ignored(api: Api) -> None:
    guest = await create_guest()
    many = "&".join(f"f{number}=x" for number in range(2000))
    assert (await submit_raw(api, guest, many)).status_code == 422
    assert (await submit_raw(api, guest, f"{many}&score=9")).status_code == 303
    assert await guest.actions() == [("COMPLETED", "SYSTEM"), ("NPS_SUBMITTED", "HUMAN")]


async def test_a_form_that_is_too_long_is_413(api: Api) -> None:
    guest = await create_guest()
    answer = await submit(api, guest, score="9", note="x" * LIMITS.size)
    assert (answer.status_code, "That was too long" in answer.text) == (413, True)
    assert await guest.actions() == []


@pytest.mark.parametrize("letter", ["ж", "評", "\n"])
async def test_the_longest_note_is_stored_in_full_in_any_script(api: Api, letter: str) -> None:
    guest = await create_guest()
    text = "a" + letter * 4998 + "z"
    assert (await submit(api, guest, note=text)).status_code == 303
    (event,) = await guest.events()
    assert event.feedback == text


async def test_an_error_is_shown_instead_of_earlier_thanks(api: Api) -> None:
    """The forms are submitted to the page's own URL, including its query."""
    guest = await create_guest()
    back = await submit(api, guest, score="9")
    again = await api.client.post(back.headers["location"], data={"score": "11"}, headers=BROWSER)
    assert (again.status_code, "Please choose a score from 0 to 10." in again.text) == (422, True)


async def test_a_blank_note_is_refused(api: Api) -> None:
    guest = await create_guest()
    answer = await submit(api, guest, note=" \x00\n ")
    assert (answer.status_code, "Please write something first." in answer.text) == (422, True)
    assert await guest.actions() == []


@pytest.mark.parametrize("kind", ["multipart/form-data; boundary=x", "application/json", "nonsense"])
async def test_a_body_that_is_not_a_form_is_refused(api: Api, kind: str) -> None:
    guest = await create_guest()
    answer = await api.client.post(guest.review, content=b'{"score": 9}\xff\x00', headers={"content-type": kind})
    assert answer.status_code == 422


async def test_a_disconnect_in_the_middle_of_a_form_is_not_logged_as_an_error(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    guest = await create_guest()
    url = api.client.base_url
    _, writer = await asyncio.open_connection(url.host, url.port)
    writer.write(f"POST {guest.review} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nscore=9".encode())
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    assert (await get_page(api, guest)).status_code == 200
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []
    assert [kind for kind, _ in await guest.actions()] == ["LINK_CLICKED"]


async def test_a_forged_link_is_404_and_an_expired_one_is_410(api: Api) -> None:
    guest = await create_guest()
    for link in (forged(guest.review), other_purpose(Purpose.REVIEW, guest.unsubscribe), "/r/x", "/r/%00", "/r/é"):
        assert [(await ask(link)).status_code for ask in (api.client.get, api.client.post)] == [404, 404]
    clock.move(VALID_FOR - MINUTE)
    assert (await get_page(api, guest)).status_code == 200
    clock.move(MINUTE)
    actions = await guest.actions()
    answers = [await get_page(api, guest), await submit(api, guest, score="9")]
    assert [(answer.status_code, "180 days" in answer.text) for answer in answers] == [(410, True), (410, True)]
    assert await guest.actions() == actions


@pytest.mark.parametrize(
    ("accept_language", "location_language", "expected"),
    [
        ("de-AT,de;q=0.9,en;q=0.5", "en", "de"),
        ("en", "de", "en"),
        ("en;q=0.2, de;q=0.9", "en", "de"),
        ("it, de;q=0, en;q=0.1", "de", "en"),
        ("it-IT, it;q=0.9", "de", "de"),
        ("*", "de", "de"),
        ("", "fr", "fr"),
        ("", "it", "en"),
        ("pl-PL", "de", "pl"),
        ("ar", "fil", "en"),
        ("den, de;q=x, ;;;,", "en", "en"),
    ],
)
async def test_the_page_is_in_the_browsers_language_or_the_locations(
    api: Api, accept_language: str, location_language: str, expected: str
) -> None:
    guest = await create_guest(language=location_language)
    answer = await get_page(api, guest, **{"accept-language": accept_language})
    assert f'<html lang="{expected}" dir="ltr">' in answer.text
    assert ("weiterempfehlen" in answer.text) == (expected == "de")


async def test_names_are_escaped(api: Api) -> None:
    guest = await create_guest(make.person(first_name="<b>{score}</b>"), name="Bread & {name}")
    page = (await get_page(api, guest)).text
    assert "Hello &lt;b&gt;{score}&lt;/b&gt;, how was it at Bread &amp; {name}?" in page


async def test_every_score_is_offered_the_same_platforms_and_note(api: Api) -> None:
    guest = await create_guest()
    pages = [(await get_page(api, guest)).text]
    for score in range(11):
        back = await submit(api, guest, score=str(score))
        pages.append((await api.client.get(back.headers["location"])).text)
        assert f"Your score is {score};" in pages[-1]
    after_the_score = [page.partition('name="platform"')[2] for page in pages]
    assert len(set(after_the_score)) == 1
    assert {page.count('name="platform"') for page in pages} == {2}
    assert {page.count('name="note"') for page in pages} == {1}


async def test_choosing_a_platform_redirects_only_to_the_locations_url(api: Api) -> None:
    guest = await create_guest()
    answer = await api.client.post(
        f"{guest.review}?url=https://evil.example.com",
        data={"platform": "google", "url": "https://evil.example.com"},
        headers=BROWSER,
    )
    assert (answer.status_code, answer.headers["location"]) == (303, f"https://google.example.com/{guest.location.key}")
    assert ("PLATFORM_CHOSEN", "HUMAN") in await guest.actions()
    await models.ReviewPlatform.filter(location_id=guest.location.id, key="google").update(offered=False)
    assert (await submit(api, guest, platform="google")).status_code == 404


async def test_head_responds_like_get_and_records_nothing(api: Api) -> None:
    guest = await create_guest()
    head = await api.client.head(guest.review, headers=BROWSER)
    assert (head.status_code, head.content) == (200, b"")
    assert await guest.actions() == []
    get = await get_page(api, guest)
    assert dict(head.headers) | {"date": ""} == dict(get.headers) | {"date": ""}
    assert (await api.client.head(forged(guest.review))).status_code == 404


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_other_methods_are_405_with_the_allowed_ones(api: Api, method: str) -> None:
    guest = await create_guest()
    for link in (guest.review, guest.unsubscribe):
        answer = await api.client.request(method, link)
        assert answer.status_code == 405
        assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD", "POST"}


async def test_a_click_is_unknown_until_a_form_is_submitted(api: Api) -> None:
    guest = await create_guest(goals=[])
    await get_page(api, guest)
    assert await guest.actions() == [("LINK_CLICKED", "UNKNOWN")]
    clock.move(MINUTE)
    await submit(api, guest, score="9")
    assert await guest.actions() == [("NPS_SUBMITTED", "HUMAN"), ("LINK_CLICKED", "HUMAN")]


async def test_a_later_click_is_unknown_until_a_form_is_submitted_again(api: Api) -> None:
    guest = await create_guest(goals=[])
    await get_page(api, guest)
    await submit(api, guest, score="9")
    clock.move(HOUR)
    await get_page(api, guest)
    assert (await guest.actions())[0] == ("LINK_CLICKED", "UNKNOWN")
    clock.move(MINUTE)
    await submit(api, guest, note="And one more thing.")
    assert {actor for _, actor in await guest.actions()} == {"HUMAN"}


async def test_a_click_stays_human_if_answers_are_stored_out_of_order(api: Api) -> None:
    """Concurrent answers may be stored out of order."""
    guest = await create_guest(goals=[])
    await get_page(api, guest)
    await submit(api, guest, score="9")
    clock.move(-MINUTE)
    await submit(api, guest, score="8")
    assert ("LINK_CLICKED", "HUMAN") in await guest.actions()


async def test_an_answer_to_one_message_does_not_affect_clicks_of_another(api: Api) -> None:
    guest = await create_guest(goals=[])
    second = await models.Message.get(invitation_id=guest.invitation_id, step=2)
    reminded = Guest(guest.location, guest.invitation_id, second.id, guest.issued_at)
    await get_page(api, guest)
    await submit(api, reminded, score="9")
    assert ("LINK_CLICKED", "UNKNOWN") in await guest.actions()


async def test_our_own_redirect_is_not_a_click(api: Api) -> None:
    guest = await create_guest(goals=[])
    await get_page(api, guest)
    clock.move(HOUR)
    for fields in ({"score": "9"}, {"note": "Thank you"}):
        back = await api.client.post(guest.review, data=fields, headers=BROWSER, follow_redirects=True)
        assert (back.status_code, "Thank you" in back.text) == (200, True)
    assert [kind for kind, _ in await guest.actions()].count("LINK_CLICKED") == 1


@pytest.mark.parametrize(
    "agent", ["", "Mozilla/5.0", "Slackbot-LinkExpanding 1.0", "python-requests/2.32", "GoogleImageProxy"]
)
async def test_a_scanners_click_is_not_counted_and_stays_a_machines_beside_a_persons(api: Api, agent: str) -> None:
    guest = await create_guest(goals=[])
    await get_page(api, guest, **{"user-agent": agent})
    assert await clicked(guest) == 0
    clock.move(MINUTE)
    await get_page(api, guest)
    await submit(api, guest, score="9")
    assert [action for action in await guest.actions() if action[0] == "LINK_CLICKED"] == [
        ("LINK_CLICKED", "HUMAN"),
        ("LINK_CLICKED", "LIKELY_MACHINE"),
    ]


@pytest.mark.parametrize("fields", [{"score": "9"}, {"platform": "google"}, {"note": "Thanks"}])
async def test_an_answer_proves_the_click_whatever_the_request_looked_like(api: Api, fields: dict[str, str]) -> None:
    guest = await create_guest(goals=[])
    await get_page(api, guest, **{"user-agent": "Slackbot-LinkExpanding 1.0"})
    clock.move(MINUTE)
    await submit(api, guest, **fields)
    assert ("LINK_CLICKED", "HUMAN") in await guest.actions()
    clock.move(HOUR)
    await get_page(api, guest, **{"user-agent": "Slackbot-LinkExpanding 1.0"})
    assert [actor for kind, actor in await guest.actions() if kind == "LINK_CLICKED"] == ["LIKELY_MACHINE", "HUMAN"]
    assert await funnel(guest) == (1, 1)


async def test_an_answer_without_a_recorded_click_counts_as_opened_and_clicked(api: Api) -> None:
    guest = await create_guest(goals=[])
    await submit(api, guest, note="Thanks")
    assert await funnel(guest) == (1, 1)


async def test_an_answer_does_not_prove_a_scanners_click_that_follows_a_persons(api: Api) -> None:
    guest = await create_guest(goals=[])
    await get_page(api, guest)
    clock.move(MINUTE)
    await get_page(api, guest, **{"user-agent": "BarracudaCentral link scan"})
    clock.move(MINUTE)
    await submit(api, guest, note="Thanks")
    assert [actor for kind, actor in await guest.actions() if kind == "LINK_CLICKED"] == ["LIKELY_MACHINE", "HUMAN"]


@pytest.mark.parametrize("first", ["review", "unsubscribe"])
async def test_opens_and_clicks_are_a_scanners_if_it_requests_both_pages_at_once(api: Api, first: str) -> None:
    guest = await create_guest(goals=[])
    links = [guest.review, guest.pixel, guest.unsubscribe]
    for link in links if first == "review" else reversed(links):
        await api.client.get(link, headers=BROWSER)
        clock.move(timedelta(milliseconds=900))
    assert await guest.actions() == [
        (kind, "LIKELY_MACHINE")
        for kind in (("OPENED", "LINK_CLICKED") if first == "review" else ("LINK_CLICKED", "OPENED"))
    ]
    assert await funnel(guest) == (0, 0)


async def test_concurrent_requests_for_both_pages_are_a_scanners(api: Api) -> None:
    guest = await create_guest(goals=[])
    links = (guest.unsubscribe, guest.review, guest.pixel, guest.unsubscribe, guest.review)
    await asyncio.gather(*(api.client.get(link, headers=BROWSER) for link in links))
    assert {actor for _, actor in await guest.actions()} == {"LIKELY_MACHINE"}
    assert await funnel(guest) == (0, 0)


async def test_a_person_is_counted_right_after_a_scanner_in_a_browsers_clothes(api: Api) -> None:
    guest = await create_guest(goals=[])
    for link in (guest.review, guest.unsubscribe):
        await api.client.get(link, headers=BROWSER)
    clock.move(MINUTE)
    await get_page(api, guest)
    assert await guest.actions() == [("LINK_CLICKED", "UNKNOWN"), ("LINK_CLICKED", "LIKELY_MACHINE")]
    clock.move(MINUTE)
    await submit(api, guest, score="9")
    assert [actor for kind, actor in await guest.actions() if kind == "LINK_CLICKED"] == ["HUMAN", "LIKELY_MACHINE"]


async def test_a_person_who_answers_at_once_keeps_the_click_when_a_scanner_follows(api: Api) -> None:
    guest = await create_guest(goals=[])
    await get_page(api, guest)
    await submit(api, guest, score="9")
    await api.client.get(guest.unsubscribe, headers=BROWSER)
    assert ("LINK_CLICKED", "HUMAN") in await guest.actions()
    assert await funnel(guest) == (1, 1)


async def test_a_person_may_look_at_the_unsubscribe_page_some_seconds_after_the_review_page(api: Api) -> None:
    guest = await create_guest(goals=[])
    await get_page(api, guest)
    clock.move(timedelta(seconds=3))
    await api.client.get(guest.unsubscribe, headers=BROWSER)
    assert await guest.actions() == [("LINK_CLICKED", "UNKNOWN")]
    assert await funnel(guest) == (1, 1)


async def clicked(guest: Guest) -> int:
    """The number of clicked invitations of the account in the funnel."""
    return (await funnel(guest))[1]


async def funnel(guest: Guest) -> tuple[int, int]:
    """The numbers of opened and of clicked invitations of the account in the funnel."""
    (row,) = await fetch(
        pool(WORK),
        "select coalesce(sum(opened), 0) as o, coalesce(sum(clicked), 0) as c from funnel_day where account_id = $1",
        guest.location.account_id,
    )
    return int(row["o"]), int(row["c"])


async def test_a_click_counts_once_and_does_not_complete_the_invitation(api: Api) -> None:
    guest = await create_guest(goals=[Goal.LINK_CLICKED])
    for _ in range(3):
        await get_page(api, guest)
        clock.move(HOUR)
    assert (await clicked(guest), await guest.state()) == (1, ("ACTIVE", None))


ANSWERS = [
    (Goal.NPS_GIVEN, {"score": "0"}),
    (Goal.PLATFORM_CHOSEN, {"platform": "google"}),
    (Goal.LINK_CLICKED, {"note": "!"}),
]


@pytest.mark.parametrize(("goal", "fields"), ANSWERS)
async def test_a_goal_completes_the_invitation_even_while_stopped(api: Api, goal: Goal, fields: dict[str, str]) -> None:
    for stopped in (False, True):
        guest = await create_guest(goals=[goal])
        if stopped:
            async with transaction() as tx:
                await stop(tx, guest.invitation_id, StopReason.OTHER, make.MEMBER, clock.now())
        assert (await submit(api, guest, **fields)).status_code == 303
        assert await guest.state() == ("COMPLETED", str(goal))
        unsent = await models.Message.filter(invitation_id=guest.invitation_id, state="CANCELLED").count()
        assert unsent == 3


@pytest.mark.parametrize(("goal", "fields"), ANSWERS)
async def test_an_answer_that_is_not_a_goal_completes_nothing(api: Api, goal: Goal, fields: dict[str, str]) -> None:
    guest = await create_guest(goals=sorted(set(Goal) - {goal, Goal.LINK_CLICKED}))
    assert (await submit(api, guest, **fields)).status_code == 303
    assert await guest.state() == ("ACTIVE", None)


async def test_answers_after_completion_are_stored_and_the_latest_score_counts(api: Api) -> None:
    guest = await create_guest()
    for score in ("2", "10"):
        assert (await submit(api, guest, score=score)).status_code == 303
        clock.move(HOUR)
    assert [kind for kind, _ in await guest.actions()] == ["NPS_SUBMITTED", "COMPLETED", "NPS_SUBMITTED"]
    invitation = await models.Invitation.get(id=guest.invitation_id)
    assert (await models.Customer.get(id=invitation.customer_id)).nps_score == 10


@pytest.mark.parametrize("fields", [{"score": "9"}, {"note": "It was good."}], ids=["score", "note"])
async def test_a_double_tap_is_stored_once_and_a_later_answer_again(api: Api, fields: dict[str, str]) -> None:
    guest = await create_guest(goals=[])

    async def submitted() -> list[int]:
        return [(await api.client.post(guest.review, data=fields, headers=BROWSER)).status_code for _ in range(2)]

    assert await submitted() == [303, 303]
    kind = "NPS_SUBMITTED" if "score" in fields else "FEEDBACK_SUBMITTED"
    assert [action for action, _ in await guest.actions()].count(kind) == 1
    clock.move(answers.SAME_VISIT)
    await submitted()
    assert [action for action, _ in await guest.actions()].count(kind) == 2


async def test_a_location_without_platforms_shows_none(api: Api) -> None:
    guest = await create_guest()
    await execute(pool(WORK), "update review_platform set offered = false where location_id = $1", guest.location.id)
    assert "Tell others" not in (await get_page(api, guest)).text
