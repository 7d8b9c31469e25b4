"""What every page has in common: no scripts, few bytes, whole HTML, names for every control, and the look of the location."""

import asyncio
from dataclasses import dataclass, field
from html.parser import HTMLParser

import httpx
import pytest

from languages import LANGUAGES
from tests import factories as make
from tests.gateway import Api
from tests.pages.guests import BROWSER, Guest, create_guest, forged

LARGEST = 15_000
VOID = {"meta", "img"}
LONG = "Donaudampfschifffahrtsgesellschaftskapitaensmuetzenbaeckerei"


@dataclass
class Element:
    tag: str
    attributes: dict[str, str | None]
    text: str = ""
    inside: tuple[str, ...] = field(default=())


class Page(HTMLParser):
    """The elements of a page; fails on tags that do not match."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self._open: list[Element] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs)
        element = Element(tag, dict(attrs), inside=tuple(one.tag for one in self._open))
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop().tag == tag

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.text += data

    def all(self, tag: str) -> list[Element]:
        return [element for element in self.elements if element.tag == tag]


async def pages_of(api: Api, guest: Guest, language: str) -> list[httpx.Response]:
    """Every kind of page."""
    headers = BROWSER | {"accept-language": language}

    async def post(link: str, **fields: str) -> httpx.Response:
        return await api.client.post(link, data=fields, headers=headers, follow_redirects=True)

    return [
        await api.client.get(guest.review, headers=headers),
        await post(guest.review, score="9"),
        await post(guest.review, score="none"),
        await post(guest.review, note="Thank you"),
        await api.client.get(guest.unsubscribe, headers=headers),
        await post(guest.unsubscribe),
        await post(f"{guest.unsubscribe}/undo"),
        await api.client.get(forged(guest.review), headers=headers),
    ]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_page_is_small_whole_and_free_of_scripts(api: Api, language: str) -> None:
    guest = await create_guest(make.person(first_name=LONG), name=LONG, goals=[])
    for answer in await pages_of(api, guest, language):
        page = Page(answer.text)
        assert len(answer.content) < LARGEST
        assert page.all("script") == []
        assert not any(name.startswith("on") for one in page.elements for name in one.attributes)
        assert page.elements[0].attributes == {"lang": language, "dir": LANGUAGES[language].direction}
        assert [len(page.all(tag)) for tag in ("title", "h1", "main")] == [1, 1, 1]
        ids = [one.attributes["id"] for one in page.elements if "id" in one.attributes]
        assert len(ids) == len(set(ids))
        for one in page.elements:
            named = one.attributes.get("for") or one.attributes.get("aria-describedby")
            assert named is None or named in ids
        assert all(button.text.strip() and "form" in button.inside for button in page.all("button"))
        labels = {label.attributes["for"] for label in page.all("label") if label.text.strip()}
        assert {control.attributes["id"] for control in page.all("textarea")} <= labels


async def test_the_scale_is_a_named_group_of_eleven_buttons_each_of_which_sends_its_score(api: Api) -> None:
    guest = await create_guest(name="The Bakery", goals=[])
    page = Page((await api.client.get(guest.review, headers=BROWSER)).text)
    buttons = [button for button in page.all("button") if button.attributes.get("name") == "score"]
    assert [(button.attributes["value"], button.text) for button in buttons] == [(str(n), str(n)) for n in range(11)]
    assert all("fieldset" in button.inside and "type" not in button.attributes for button in buttons)
    assert [legend.text for legend in page.all("legend")] == ["How likely are you to recommend The Bakery to a friend?"]
    described = {button.text: button.attributes.get("aria-describedby") for button in buttons}
    texts = {one.attributes.get("id"): one.text for one in page.all("span")}
    assert (texts[described["0"]], texts[described["10"]]) == ("0: not at all likely", "10: extremely likely")


async def test_the_latest_score_is_marked(api: Api) -> None:
    guest = await create_guest(goals=[])
    for score in (None, "0", "10"):
        if score is not None:
            await api.client.post(guest.review, data={"score": score}, headers=BROWSER)
        page = Page((await api.client.get(guest.review, headers=BROWSER)).text)
        marked = [one.attributes["value"] for one in page.elements if one.attributes.get("aria-current") == "true"]
        assert marked == ([] if score is None else [score])


async def test_names_keep_their_own_direction(api: Api) -> None:
    guest = await create_guest(make.person(first_name="שלום"), name="مخبز")
    page = Page((await api.client.get(guest.review, headers=BROWSER)).text)
    names = {one.text for one in page.all("bdi") if one.attributes == {"dir": "auto"}}
    assert {"שלום", "مخبز", "Google"} <= names
    assert page.all("textarea")[0].attributes["dir"] == "auto"


async def test_a_page_has_the_locations_color_and_readable_text_on_it(api: Api) -> None:
    yellow, plain = await create_guest(color="#ffd800"), await create_guest()
    pages = await asyncio.gather(*(api.client.get(guest.review, headers=BROWSER) for guest in (yellow, plain)))
    assert "--fill: #ffd800; --on-fill: #000000; --edge: #000000" in pages[0].text
    assert "--fill: #1f5fbf; --on-fill: #ffffff; --edge: #1f5fbf" in pages[1].text


async def test_only_the_logo_is_loaded_from_elsewhere(api: Api) -> None:
    logo = "https://cdn.example.com:8443/a;b/logo.png?x=1&y=2"
    guest, plain = await create_guest(logo=logo, name="The Bakery"), await create_guest(name="The Bakery")
    for link in (guest.review, guest.unsubscribe):
        answer = await api.client.get(link, headers=BROWSER)
        (image,) = Page(answer.text).all("img")
        assert image.attributes == {"src": logo, "alt": "The Bakery"}
        assert "img-src https://cdn.example.com:8443;" in answer.headers["content-security-policy"]
    answer = await api.client.get(plain.review, headers=BROWSER)
    assert (Page(answer.text).all("img"), "img-src" in answer.headers["content-security-policy"]) == ([], False)


@pytest.mark.parametrize("query", ["?score=9", "?score=9&thanks=score"])
async def test_a_score_in_the_address_records_nothing(api: Api, query: str) -> None:
    guest = await create_guest()
    page = await api.client.get(guest.review + query, headers=BROWSER)
    assert ("Your score is" in page.text, "aria-current" in page.text.partition("<body>")[2]) == (False, False)
    assert "NPS_SUBMITTED" not in [kind for kind, _ in await guest.actions()]
