"""Rendering templates, and how they can fail."""

import re
from dataclasses import replace

import pytest

from delivery.bounces import BounceAddresses
from delivery.fill import RenderError, fill
from delivery.headers import headers_of
from delivery.render import Writer
from languages import LANGUAGES
from models.rules.color import contrast
from provisioning.defaults import ASK, BUILT_IN, REMIND
from tests.delivery.drafts import (
    ACCOUNT,
    KEY,
    LINKS,
    LOCATION,
    NOW,
    OPENED,
    REVIEW,
    UNSUBSCRIBE,
    default_draft,
    draft,
    part,
    sender,
    written,
)

HEADERS = {
    "From": "The Bakery <hello@bakery.example.com>",
    "To": "Ann <ann@example.org>",
    "Reply-To": "desk@bakery.example.com",
    "Subject": "How was it?",
    "Message-ID": f"<{KEY.hex}@bakery.example.com>",
    "Date": "Mon, 04 May 2026 09:00:00 +0000",
    "List-Unsubscribe": f"<{UNSUBSCRIBE}>",
    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    "List-Id": f'"Bakery" <{LOCATION.hex}.bakery.example.com>',
    "Feedback-ID": f"{LOCATION.hex}-1:{ACCOUNT.hex}:invitation:plaudit",
    "Auto-Submitted": "auto-generated",
}
HIDDEN = "\u202e\u202a\u2066\u2069\u200e\u200f\u061c\x07\x1b\x7f\x80\x9f\ud800"


def html(**given: object) -> str:
    return part(written(draft(**given)), "html")


def tag(page: str, name: str) -> str:
    """The first tag of this name."""
    found = re.search(rf"<{name}\b[^>]*>", page)
    assert found is not None
    return found[0]


def test_headers_name_sender_and_recipient_and_offer_unsubscribing() -> None:
    mail = written(draft(sender=sender(reply_to="desk@bakery.example.com")))
    assert {name: str(mail[name]) for name in HEADERS} == HEADERS


def test_a_long_unsubscribe_link_stays_on_one_line() -> None:
    links = replace(LINKS, base_url=f"https://{'a' * 60}.{'b' * 60}.{'c' * 60}.example.com")
    lines = Writer(links).write(draft(), NOW).message.split(b"\r\n")
    assert f"List-Unsubscribe: <{links.unsubscribe(KEY, NOW)}>".encode() in lines


def test_no_header_has_personal_data_but_those_that_address_the_mail() -> None:
    mail = written(draft(first_name="Zaphod", recipient="zaphod@example.org"))
    others = "".join(f"{name}: {value}\n" for name, value in mail.items() if name not in ("To", "Subject"))
    assert "zaphod" not in others.lower()


def test_every_attempt_has_the_same_message_id() -> None:
    later = Writer(LINKS).write(draft(), NOW.replace(hour=20)).message
    assert f"\r\nMessage-ID: <{KEY.hex}@bakery.example.com>\r\n".encode() in later


def test_control_and_bidirectional_characters_do_not_reach_names_or_subject() -> None:
    hidden = draft(
        first_name=f"An{HIDDEN}n", sender=sender(name=f"The {HIDDEN}Bakery", location_name=f"Ba{HIDDEN}kery")
    )
    raw = headers_of(hidden, f"How{HIDDEN} was it?", UNSUBSCRIBE)
    found = dict(line.decode().rstrip("\r\n").split(": ", 1) for line in raw)
    assert (found["From"], found["To"]) == ('"The Bakery" <hello@bakery.example.com>', '"Ann" <ann@example.org>')
    assert (found["Subject"], found["List-Id"]) == ("How was it?", HEADERS["List-Id"])


def test_mail_that_cannot_be_delivered_returns_to_an_address_of_its_own() -> None:
    bounces = BounceAddresses("bounces@example.net", ("s" * 32,))
    assert Writer(LINKS).write(draft(), NOW).sender == "hello@bakery.example.com"
    assert bounces.read(Writer(LINKS, bounces).write(draft(), NOW).sender) == KEY


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_postal_address_keeps_its_lines_in_text_and_html(end: str) -> None:
    mail = written(draft(sender=sender(postal_address=end.join(["1 <High> Street", "10115 Berlin", "Germany"]))))
    assert "\n-- \nBakery\n1 <High> Street\n10115 Berlin\nGermany\nYou receive" in part(mail, "plain")
    lines = "".join(part(mail, "html").splitlines())
    assert "Bakery<br>1 &lt;High&gt; Street<br>10115 Berlin<br>Germany<br><br>You receive" in lines


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", BUILT_IN)
def test_the_default_mail_is_in_one_language_throughout(language: str, key: str) -> None:
    mail, texts = written(default_draft(language, key)), LANGUAGES[language].mail
    page, plain = part(mail, "html"), part(mail, "plain")
    assert tag(page, "html").startswith(f'<html lang="{language}" dir="ltr"')
    assert page.count("lang=") == page.count(f'lang="{language}"')
    for text in (texts.hello, texts.button, texts.why.format(name="Bakery"), texts.unsubscribe):
        assert text in page
        assert text in plain
    preheader = texts.ask_preheader if key == ASK else texts.remind_preheader
    assert preheader in page


def test_a_language_that_is_not_there_falls_back_as_a_whole() -> None:
    page = html(language="ar", html="<p>مرحبا</p>")
    assert tag(page, "html").startswith('<html lang="ar" dir="rtl"')
    assert '<div lang="en" dir="ltr">Bakery<br>' in page
    assert "Tell us how it was" in page


@pytest.mark.parametrize("key", [ASK, REMIND])
def test_the_default_mail_has_one_button(key: str) -> None:
    page = part(written(default_draft("en", key)), "html")
    assert (page.count('class="button"'), page.count("<v:roundrect")) == (1, 1)
    assert page.index(REVIEW) < page.index("Kind regards") < page.index(UNSUBSCRIBE)


@pytest.mark.parametrize(
    ("source", "buttons", "label"),
    [
        ("<p>Hello</p>", 1, "Tell us how it was"),
        ("{{ button }}<p>Hello</p>", 1, "Tell us how it was"),
        ('{{ button("<Rate> us") }}<p>Hello</p>', 1, "&lt;Rate&gt; us"),
        ('<p>Hello</p><a href="{{ review_url }}">Rate us</a>', 0, "Rate us"),
        ("{% if last_name %}{{ button }}{% endif %}", 1, "Tell us how it was"),
    ],
)
def test_every_mail_has_the_link_in_a_button_or_where_its_template_puts_it(
    source: str, buttons: int, label: str
) -> None:
    page = html(html=source)
    assert (page.count('class="button"'), f">{label}</a>" in page, REVIEW in page) == (buttons, True, True)


def test_a_text_without_the_link_gets_it() -> None:
    plain = part(written(draft(text="Hello {{ first_name }}")), "plain")
    assert f"Hello Ann\n\nTell us how it was: {REVIEW}\n\n-- \nBakery\n" in plain


def test_the_head_says_what_mail_clients_need() -> None:
    page = html(subject="How was <it>?", preheader="Takes {{ first_name }} a minute")
    assert page.startswith("<!doctype html>")
    assert '<meta charset="utf-8">' in page
    assert '<meta name="color-scheme" content="light dark">' in page
    assert "<title>How was &lt;it&gt;?</title>" in page
    assert '<div style="display:none;' in page
    assert "Takes Ann a minute</div>" in page


def test_language_and_direction_survive_a_client_that_replaces_html_and_body() -> None:
    inside = html(language="ar", html="<p>مرحبا</p>").partition("<body")[2].partition("</body>")[0]
    assert tag(inside, "div") == '<div lang="ar" dir="rtl">'
    assert inside.rstrip().endswith("</div>")


def test_declarations_survive_clients_that_want_a_space_before_important() -> None:
    """Orange's webmail removes the others (https://www.caniemail.com/features/css-important/)."""
    page = html()
    assert page.count("!important") == page.count(" !important") > 0


def test_a_location_has_its_name_or_its_logo_at_the_top() -> None:
    logo = html(sender=sender(logo="https://example.com/l.png?a=1&b=2", location_name="Ann & Sons"))
    assert "<img" not in html(tracks_opens=False)
    assert 'src="https://example.com/l.png?a=1&amp;b=2"' in tag(logo, "img")
    assert 'alt="Ann &amp; Sons"' in tag(logo, "img")


@pytest.mark.parametrize("color", ["#1f5fbf", "#ffff00", "#ffffff", "#000000", "#22262b", "#777777"])
def test_a_button_of_any_color_can_be_read_and_seen_on_light_and_dark_pages(color: str) -> None:
    page = html(sender=sender(color=color))
    button = re.search(r'class="button" [^>]*border:2px solid (#\w+);[^>]*;background:(#\w+);color:(#\w+);', page)
    dark = re.search(r"\.button\{color:#\w+ !important;border-color:(#\w+) !important\}", page)
    assert button is not None
    assert dark is not None
    edge, fill_color, text = button.groups()
    assert fill_color == color
    assert contrast(text, color) >= 4.5
    assert contrast(edge, "#ffffff") >= 3
    assert contrast(dark[1], "#22262b") >= 3
    assert f'fillcolor="{color}"' in page


def test_opens_are_tracked_only_if_the_account_says_so() -> None:
    assert OPENED in html()
    assert "/o/" not in html(tracks_opens=False)


def test_names_are_escaped_in_html() -> None:
    page = html(first_name="<b>Ann", sender=sender(location_name="<i>Bakery"), subject="{{ location }}")
    assert "<b>" not in page
    assert "<i>" not in page


@pytest.mark.parametrize(
    "template",
    [
        "{{ nobody }}",
        "{{ last_name",
        "{{ last_name.split().pop() }}",
        "{{ '{}'.format() }}",
        "{{ {}['key'].more }}",
        "{{ last_name.__class__.__mro__ }}",
        "{{ 1 / 0 }}",
        "{{ range(10 ** 9) }}",
        "{{ 'a'.encode('no such code') }}",
        "{% macro again() %}{{ again() }}{% endmacro %}{{ again() }}",
        "{% for one in last_name %}{{ one }}{% endfor %}",
        "{% set x = 'ab' %}{{ x }}",
        "{{ 'a' * 1000000000 }}",
        "{{ '%099999999d' % 1 }}",
        "{{ 'a'|center(1000000000) }}",
        "{{ 10 ** 10 ** 10 }}",
        "{{ '\\ud800' }}",
        "{{ last_name|first }}",
    ],
)
def test_any_failure_in_a_template_is_a_render_error(template: str) -> None:
    with pytest.raises(RenderError):
        fill(template, {"last_name": ""})
