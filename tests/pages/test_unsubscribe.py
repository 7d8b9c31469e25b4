"""/u/{token}: the confirmation page, its button, and one-click unsubscribing."""

import httpx
import pytest

import models
from delivery.links import VALID_FOR, Purpose
from models.clock import clock
from models.commands.resubscribe import UNDO_WITHIN
from models.commands.stop import stop
from models.connection import transaction
from models.rules.enums import Channel, StopReason
from models.rules.lifecycle import PENDING
from models.rules.privacy import half_hidden
from models.rules.quota import UNDOS_OF_AN_ADDRESS
from tests import factories as make
from tests.gateway import Api
from tests.pages.guests import BROWSER, MINUTE, Guest, create_guest, create_guest_at, forged, other_purpose

ONE_CLICK = b"List-Unsubscribe=One-Click"
FORM = {"content-type": "application/x-www-form-urlencoded"}


async def one_click(
    api: Api, guest: Guest, body: bytes = ONE_CLICK, kind: str = FORM["content-type"]
) -> httpx.Response:
    return await api.client.post(guest.unsubscribe, content=body, headers={"content-type": kind})


async def test_get_and_head_ask_for_confirmation_and_change_nothing(api: Api) -> None:
    guest = await create_guest(name="The Bakery")
    page = await api.client.get(guest.unsubscribe, headers=BROWSER)
    assert (page.status_code, "No more messages from The Bakery?" in page.text) == (200, True)
    assert (await api.client.head(guest.unsubscribe)).status_code == 200
    assert (await guest.state(), await guest.actions(), await guest.suppressed()) == (("ACTIVE", None), [], [])


async def test_one_click_suppresses_the_invitation_and_the_page_confirms_it(api: Api) -> None:
    ann = make.person()
    guest = await create_guest(ann)
    answer = await one_click(api, guest)
    assert (answer.status_code, "You are unsubscribed" in answer.text) == (200, True)
    assert await guest.state() == ("SUPPRESSED", "UNSUBSCRIBED")
    assert await guest.suppressed() == [half_hidden(Channel.EMAIL, ann.email or "")]
    assert "You are unsubscribed" in (await api.client.get(guest.unsubscribe)).text


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
    ids=["extra fields", "other fields", "empty", "garbage", "multipart", "long"],
)
async def test_one_click_works_with_any_body(api: Api, body: bytes, kind: str) -> None:
    guest = await create_guest()
    assert (await one_click(api, guest, body, kind)).status_code == 200
    assert await guest.state() == ("SUPPRESSED", "UNSUBSCRIBED")
    assert (await api.client.get("/healthz")).status_code == 200


async def test_unsubscribing_twice_is_recorded_once(api: Api) -> None:
    guest = await create_guest()
    for _ in range(2):
        assert (await one_click(api, guest)).status_code == 200
        clock.move(MINUTE)
    assert await guest.actions() == [("UNSUBSCRIBED", "HUMAN")]


async def test_a_customer_can_unsubscribe_after_answering(api: Api) -> None:
    guest = await create_guest()
    await api.client.post(guest.review, data={"score": "9"}, headers=BROWSER)
    clock.move(MINUTE)
    assert (await one_click(api, guest)).status_code == 200
    assert await guest.state() == ("COMPLETED", "NPS_GIVEN")
    assert (await guest.actions())[0] == ("UNSUBSCRIBED", "HUMAN")
    assert len(await guest.suppressed()) == 1


async def test_unsubscribing_suppresses_the_address_for_the_whole_account(api: Api) -> None:
    ann = make.person()
    account = await make.account()
    here = await create_guest_at(await make.location(account), ann)
    await api.client.post(here.review, data={"score": "9"}, headers=BROWSER)
    there = await create_guest_at(await make.location(account, cool_down_days=0), ann)
    await one_click(api, here)
    assert await there.state() == ("SUPPRESSED", "UNSUBSCRIBED")


async def test_unsubscribing_suppresses_the_address_of_the_message_not_a_later_one(api: Api) -> None:
    ann = make.person()
    guest = await create_guest(ann)
    await models.Customer.filter(location_id=guest.location.id).update(email="new@example.org")
    await one_click(api, guest)
    assert await guest.suppressed() == [half_hidden(Channel.EMAIL, ann.email or "")]


async def test_unsubscribing_does_not_make_a_click_human(api: Api) -> None:
    """Mail clients unsubscribe on their own; it is not a form of the opened page."""
    guest = await create_guest()
    await api.client.get(guest.review, headers=BROWSER)
    clock.move(MINUTE)
    await one_click(api, guest)
    assert ("LINK_CLICKED", "UNKNOWN") in await guest.actions()


async def undo(api: Api, guest: Guest) -> httpx.Response:
    return await api.client.post(f"{guest.unsubscribe}/undo", headers=BROWSER)


async def test_the_page_names_the_address_half_hidden_before_and_after(api: Api) -> None:
    ann = make.person(email="ann.smith@example.com")
    guest = await create_guest(ann)
    pages = [
        await api.client.get(guest.unsubscribe),
        await one_click(api, guest),
        await api.client.get(guest.unsubscribe),
    ]
    for page in pages:
        assert ("a***@example.com" in page.text, "ann.smith" in page.text) == (True, False)
    assert ["/undo" in page.text for page in pages] == [False, True, True]


async def test_an_undo_lifts_the_suppression_and_brings_no_message_back(api: Api) -> None:
    guest = await create_guest()
    await one_click(api, guest)
    clock.move(MINUTE)
    answer = await undo(api, guest)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{guest.unsubscribe}?undone")
    page = await api.client.get(answer.headers["location"])
    assert ("You are subscribed again" in page.text, "No more messages from" in page.text) == (True, True)
    assert (await guest.suppressed(), await guest.state()) == ([], ("SUPPRESSED", "UNSUBSCRIBED"))
    rows = await models.Message.filter(invitation_id=guest.invitation_id)
    assert {row.state for row in rows} & PENDING == set()
    kept = await models.LiftedSuppression.get(account_id=guest.location.account_id)
    assert (kept.lifted_by, kept.lifted_because, kept.lifted_at) == ("", "Undone on the unsubscribe page", clock.now())


async def test_after_an_undo_the_person_can_be_invited_and_can_unsubscribe_again(api: Api) -> None:
    ann = make.person()
    guest = await create_guest(ann, cool_down_days=0)
    await one_click(api, guest)
    await undo(api, guest)
    again = await create_guest_at(guest.location, ann)
    assert await again.state() == ("ACTIVE", None)
    assert (await one_click(api, again)).status_code == 200
    assert await again.state() == ("SUPPRESSED", "UNSUBSCRIBED")


async def test_an_undo_comes_too_late_after_an_hour(api: Api) -> None:
    guest = await create_guest()
    await one_click(api, guest)
    clock.move(UNDO_WITHIN)
    assert "/undo" not in (await api.client.get(guest.unsubscribe)).text
    answer = await undo(api, guest)
    assert (answer.status_code, "This can no longer be undone here." in answer.text) == (409, True)
    assert len(await guest.suppressed()) == 1


async def test_a_suppression_that_another_link_or_a_member_made_is_not_undone(api: Api) -> None:
    ann = make.person()
    account = await make.account()
    here = await create_guest_at(await make.location(account), ann)
    await api.client.post(here.review, data={"score": "9"}, headers=BROWSER)
    there = await create_guest_at(await make.location(account, cool_down_days=0), ann)
    await one_click(api, here)
    await one_click(api, there)
    assert "/undo" not in (await api.client.get(there.unsubscribe)).text
    assert (await undo(api, there)).status_code == 409
    asked = await create_guest()
    async with transaction() as tx:
        await stop(tx, asked.invitation_id, StopReason.CUSTOMER_ASKED, make.MEMBER, clock.now())
    assert (await undo(api, asked)).status_code == 409
    assert [len(await guest.suppressed()) for guest in (there, asked)] == [1, 1]


@pytest.mark.parametrize("body", [b"undo=1", b"undo", ONE_CLICK + b"&undo=yes&undone"])
async def test_no_body_undoes(api: Api, body: bytes) -> None:
    guest = await create_guest()
    for _ in range(2):
        assert (await one_click(api, guest, body)).status_code == 200
        assert len(await guest.suppressed()) == 1


async def test_opening_the_undo_address_changes_nothing(api: Api) -> None:
    guest = await create_guest()
    await one_click(api, guest)
    for ask in (api.client.get, api.client.head):
        answer = await ask(f"{guest.unsubscribe}/undo")
        assert (answer.status_code, answer.headers["location"]) == (303, guest.unsubscribe)
    assert [
        (await ask(forged(guest.unsubscribe) + "/undo")).status_code for ask in (api.client.get, api.client.post)
    ] == [404] * 2
    assert len(await guest.suppressed()) == 1


async def test_an_undo_without_an_unsubscription_changes_nothing(api: Api) -> None:
    guest = await create_guest()
    assert (await undo(api, guest)).status_code == 303
    assert (await guest.state(), await guest.actions()) == (("ACTIVE", None), [])


async def test_undoing_again_and_again_comes_to_an_end(api: Api) -> None:
    guest = await create_guest()
    statuses = []
    for _ in range(UNDOS_OF_AN_ADDRESS + 1):
        await one_click(api, guest)
        statuses.append((await undo(api, guest)).status_code)
    assert statuses == [303] * UNDOS_OF_AN_ADDRESS + [409]
    assert len(await guest.suppressed()) == 1


async def test_forged_links_do_not_unsubscribe(api: Api) -> None:
    guest = await create_guest()
    for link in (forged(guest.unsubscribe), other_purpose(Purpose.UNSUBSCRIBE, guest.review)):
        assert [(await ask(link)).status_code for ask in (api.client.get, api.client.post)] == [404, 404]
    assert await guest.suppressed() == []


async def test_unsubscribe_links_do_not_expire(api: Api) -> None:
    guest = await create_guest()
    clock.move(VALID_FOR * 3)
    assert (await api.client.get(guest.unsubscribe)).status_code == 200
    assert (await one_click(api, guest)).status_code == 200
    assert len(await guest.suppressed()) == 1


async def test_the_page_is_in_the_customers_language(api: Api) -> None:
    guest = await create_guest(language="de")
    page = await api.client.get(guest.unsubscribe, headers={"accept-language": "it"})
    answer = await api.client.post(guest.unsubscribe, headers={"accept-language": "en"})
    assert ("Abmelden" in page.text, "You are unsubscribed" in answer.text) == (True, True)


async def test_the_page_names_an_internationalized_address_as_people_type_it(api: Api) -> None:
    guest = await create_guest(make.person(email="anna@xn--bcher-kva.example"))
    assert "a***@bücher.example" in (await api.client.get(guest.unsubscribe)).text
