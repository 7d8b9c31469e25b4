"""/u/{token}: asking, and unsubscribing by a button or by a mail client's one click."""

import httpx
import pytest

import models
from delivery.links import VALID_FOR, Purpose
from models.clock import clock
from tests import factories as make
from tests.gateway import Api
from tests.pages.guests import BROWSER, MINUTE, Guest, forged, guest, guest_of, other_purpose

ONE_CLICK = b"List-Unsubscribe=One-Click"
FORM = {"content-type": "application/x-www-form-urlencoded"}


async def one_click(api: Api, who: Guest, body: bytes = ONE_CLICK, kind: str = FORM["content-type"]) -> httpx.Response:
    return await api.client.post(who.unsubscribe, content=body, headers={"content-type": kind})


async def test_get_and_head_ask_and_change_nothing(api: Api) -> None:
    who = await guest(name="The Bakery")
    page = await api.client.get(who.unsubscribe, headers=BROWSER)
    assert (page.status_code, "No more messages from The Bakery?" in page.text) == (200, True)
    assert (await api.client.head(who.unsubscribe)).status_code == 200
    assert (await who.state(), await who.told(), await who.suppressed()) == (("ACTIVE", None), [], [])


async def test_one_click_ends_the_invitation_and_the_page_says_so_from_then_on(api: Api) -> None:
    ann = make.person()
    who = await guest(ann)
    answer = await one_click(api, who)
    assert (answer.status_code, "You are unsubscribed" in answer.text) == (200, True)
    assert await who.state() == ("SUPPRESSED", "UNSUBSCRIBED")
    assert await who.suppressed() == [ann.email]
    assert "You are unsubscribed" in (await api.client.get(who.unsubscribe)).text


MULTIPART = b'--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n'
MANY = b"&".join(b"f%d=x" % number for number in range(30))


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (ONE_CLICK + b"&" + MANY, FORM["content-type"]),
        (MANY, FORM["content-type"]),
        (b"", "text/plain"),
        (b"\xff\x00%00=%00&&&==", FORM["content-type"]),
        (
            b'--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--',
            "multipart/form-data; boundary=x",
        ),
        (b"x" * 300_000, FORM["content-type"]),
    ],
    ids=["further fields", "other fields", "empty", "garbage", "multipart", "long"],
)
async def test_whatever_a_mail_client_sends_the_person_is_unsubscribed(api: Api, body: bytes, kind: str) -> None:
    who = await guest()
    assert (await one_click(api, who, body, kind)).status_code == 200
    assert await who.state() == ("SUPPRESSED", "UNSUBSCRIBED")
    assert (await api.client.get("/healthz")).status_code == 200


async def test_unsubscribing_twice_is_told_once(api: Api) -> None:
    who = await guest()
    for _ in range(2):
        assert (await one_click(api, who)).status_code == 200
        clock.move(MINUTE)
    assert await who.told() == [("UNSUBSCRIBED", "HUMAN")]


async def test_who_has_answered_already_can_still_unsubscribe(api: Api) -> None:
    who = await guest()
    await api.client.post(who.review, data={"score": "9"}, headers=BROWSER)
    clock.move(MINUTE)
    assert (await one_click(api, who)).status_code == 200
    assert await who.state() == ("COMPLETED", "NPS_GIVEN")
    assert (await who.told())[0] == ("UNSUBSCRIBED", "HUMAN")
    assert len(await who.suppressed()) == 1


async def test_the_address_is_left_alone_by_the_whole_account(api: Api) -> None:
    ann = make.person()
    account = await make.account()
    here = await guest_of(await make.location(account), ann)
    await api.client.post(here.review, data={"score": "9"}, headers=BROWSER)
    there = await guest_of(await make.location(account, cool_down_days=0), ann)
    await one_click(api, here)
    assert await there.state() == ("SUPPRESSED", "UNSUBSCRIBED")


async def test_the_address_that_the_message_went_to_is_left_alone_not_a_later_one(api: Api) -> None:
    ann = make.person()
    who = await guest(ann)
    await models.Customer.filter(location_id=who.location.id).update(email="new@example.org")
    await one_click(api, who)
    assert await who.suppressed() == [ann.email]


async def test_unsubscribing_makes_no_click_a_humans(api: Api) -> None:
    """Mail clients do it by themselves, and it is no POST of the page that was opened."""
    who = await guest()
    await api.client.get(who.review, headers=BROWSER)
    clock.move(MINUTE)
    await one_click(api, who)
    assert ("LINK_CLICKED", "UNKNOWN") in await who.told()


async def test_a_forged_link_is_404_one_whose_time_is_over_410_and_neither_unsubscribes(api: Api) -> None:
    who = await guest()
    for link in (forged(who.unsubscribe), other_purpose(Purpose.UNSUBSCRIBE, who.review)):
        assert [(await ask(link)).status_code for ask in (api.client.get, api.client.post)] == [404, 404]
    clock.move(VALID_FOR)
    assert (await one_click(api, who)).status_code == 410
    assert await who.suppressed() == []


async def test_it_is_asked_in_the_persons_language(api: Api) -> None:
    who = await guest(language="de")
    asked = await api.client.get(who.unsubscribe, headers={"accept-language": "fr"})
    done = await api.client.post(who.unsubscribe, headers={"accept-language": "en"})
    assert ("Abmelden" in asked.text, "You are unsubscribed" in done.text) == (True, True)
