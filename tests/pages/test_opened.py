"""/o/{token}.gif: always returns the pixel, and records who fetched it."""

import pytest

from delivery.links import VALID_FOR, Purpose
from models.clock import clock
from models.connection import WORK, fetch, pool
from tests.gateway import Api
from tests.pages.guests import BROWSER, FIREFOX, MINUTE, Guest, create_guest, forged, other_purpose


async def fetch_pixel(api: Api, link: str, agent: str = FIREFOX) -> None:
    answer = await api.client.get(link, headers={"user-agent": agent})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/gif")
    assert answer.content.startswith(b"GIF89a")
    assert answer.headers["cache-control"] == "no-store"


async def opened(guest: Guest) -> int:
    """The number of opened invitations of the account in the funnel."""
    rows = await fetch(
        pool(WORK),
        "select coalesce(sum(opened), 0) as n from funnel_day where account_id = $1",
        guest.location.account_id,
    )
    return int(rows[0]["n"])


@pytest.mark.parametrize(
    ("agent", "kind", "counted"),
    [
        (FIREFOX, "UNKNOWN", 1),
        (
            "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
            "LIKELY_MACHINE",
            0,
        ),
        ("Mozilla/5.0", "LIKELY_MACHINE", 0),
        ("", "LIKELY_MACHINE", 0),
    ],
    ids=["browser", "Google proxy", "Apple proxy", "no user agent"],
)
async def test_opens_are_recorded_and_machines_are_not_counted(api: Api, agent: str, kind: str, counted: int) -> None:
    guest = await create_guest()
    await fetch_pixel(api, guest.pixel, agent)
    assert await guest.actions() == [("OPENED", kind)]
    assert (await opened(guest), await guest.state()) == (counted, ("ACTIVE", None))


async def test_an_open_right_after_sending_is_a_machine(api: Api) -> None:
    guest = await create_guest()
    clock.move(-MINUTE)
    await fetch_pixel(api, guest.pixel)
    assert await guest.actions() == [("OPENED", "LIKELY_MACHINE")]


async def test_opens_are_recorded_once_per_ten_minutes_and_counted_once(api: Api) -> None:
    guest = await create_guest()
    for _ in range(3):
        await fetch_pixel(api, guest.pixel)
        clock.move(6 * MINUTE)
    assert await guest.actions() == [("OPENED", "UNKNOWN")] * 2
    assert await opened(guest) == 1


async def test_a_persons_open_is_recorded_right_after_a_machines(api: Api) -> None:
    guest = await create_guest()
    for agent in ("curl/8", FIREFOX):
        await fetch_pixel(api, guest.pixel, agent)
        clock.move(MINUTE)
    assert await guest.actions() == [("OPENED", "UNKNOWN"), ("OPENED", "LIKELY_MACHINE")]
    assert await opened(guest) == 1


async def test_an_open_stays_unknown_after_an_answer(api: Api) -> None:
    guest = await create_guest()
    await fetch_pixel(api, guest.pixel)
    clock.move(MINUTE)
    await api.client.post(guest.review, data={"score": "9"}, headers=BROWSER)
    assert ("OPENED", "UNKNOWN") in await guest.actions()


async def test_invalid_links_get_the_pixel_and_record_nothing(api: Api) -> None:
    guest = await create_guest()
    invalid = [forged(guest.pixel), other_purpose(Purpose.OPENED, guest.review) + ".gif", "/o/x.gif", "/o/%00.gif"]
    for link in invalid:
        await fetch_pixel(api, link)
    clock.move(VALID_FOR)
    await fetch_pixel(api, guest.pixel)
    assert await guest.actions() == []


async def test_head_records_nothing(api: Api) -> None:
    guest = await create_guest()
    answer = await api.client.head(guest.pixel, headers=BROWSER)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/gif")
    assert await guest.actions() == []
