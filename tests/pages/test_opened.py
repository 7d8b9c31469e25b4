"""/o/{token}.gif: always the picture, and what it tells of who fetched it."""

import pytest

from delivery.links import VALID_FOR, Purpose
from models.clock import clock
from models.connection import WORK, fetch, pool
from tests.gateway import Api
from tests.pages.guests import BROWSER, FIREFOX, MINUTE, Guest, forged, guest, other_purpose


async def fetch_picture(api: Api, link: str, agent: str = FIREFOX) -> None:
    answer = await api.client.get(link, headers={"user-agent": agent})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/gif")
    assert answer.content.startswith(b"GIF89a")
    assert answer.headers["cache-control"] == "no-store"


async def opened(who: Guest) -> int:
    """Invitations of the account that were opened, as the funnel counts."""
    rows = await fetch(
        pool(WORK),
        "select coalesce(sum(opened), 0) as n from funnel_day where account_id = $1",
        who.location.account_id,
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
    ids=["browser", "google", "apple", "nothing"],
)
async def test_who_fetched_it_is_told_and_machines_are_not_counted(
    api: Api, agent: str, kind: str, counted: int
) -> None:
    who = await guest()
    await fetch_picture(api, who.picture, agent)
    assert await who.told() == [("OPENED", kind)]
    assert (await opened(who), await who.state()) == (counted, ("ACTIVE", None))


async def test_what_comes_at_once_after_the_sending_is_a_machine(api: Api) -> None:
    who = await guest()
    clock.move(-MINUTE)
    await fetch_picture(api, who.picture)
    assert await who.told() == [("OPENED", "LIKELY_MACHINE")]


async def test_it_is_told_once_in_ten_minutes_and_counted_once(api: Api) -> None:
    who = await guest()
    for _ in range(3):
        await fetch_picture(api, who.picture)
        clock.move(6 * MINUTE)
    assert await who.told() == [("OPENED", "UNKNOWN")] * 2
    assert await opened(who) == 1


async def test_a_person_is_told_beside_a_machine_that_came_just_before(api: Api) -> None:
    who = await guest()
    for agent in ("curl/8", FIREFOX):
        await fetch_picture(api, who.picture, agent)
        clock.move(MINUTE)
    assert await who.told() == [("OPENED", "UNKNOWN"), ("OPENED", "LIKELY_MACHINE")]
    assert await opened(who) == 1


async def test_an_opening_stays_a_guess_also_after_an_answer(api: Api) -> None:
    who = await guest()
    await fetch_picture(api, who.picture)
    clock.move(MINUTE)
    await api.client.post(who.review, data={"score": "9"}, headers=BROWSER)
    assert ("OPENED", "UNKNOWN") in await who.told()


async def test_a_link_that_is_not_good_gets_the_picture_too_and_tells_nothing(api: Api) -> None:
    who = await guest()
    wrong = [forged(who.picture), other_purpose(Purpose.OPENED, who.review) + ".gif", "/o/x.gif", "/o/%00.gif"]
    for link in wrong:
        await fetch_picture(api, link)
    clock.move(VALID_FOR)
    await fetch_picture(api, who.picture)
    assert await who.told() == []


async def test_head_tells_nothing(api: Api) -> None:
    who = await guest()
    answer = await api.client.head(who.picture, headers=BROWSER)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/gif")
    assert await who.told() == []
