"""Python's e-mail parser reads every letter as intended."""

import re
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import default

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.letter import address_header, header, letter

NOW = datetime(2026, 5, 4, 9, tzinfo=UTC)
ENCODED = st.builds(
    "=?{}?{}?{}?=".format,
    st.sampled_from(["utf-8", "UTF-8", "iso-8859-1", "no-such", ""]),
    st.sampled_from("qQbBx"),
    st.text("aA=3D_?+/", max_size=20),
)
"""Texts that look like encoded words (RFC 2047), complete or broken."""
BIDIRECTIONAL = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
WORDS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"], exclude_characters=BIDIRECTIONAL), max_size=120),
    st.lists(ENCODED | st.sampled_from(["=?", "?=", "Ann", '"', "\\", ","]), max_size=6).map(" ".join),
    st.lists(ENCODED, max_size=3).map("".join),
)
LINES = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\x00\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029\r")
)


def read(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw, policy=default)


def body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n").rstrip("\n")


def display_name(raw: bytes) -> str:
    """Uses the older parser; the newer one puts a space between two encoded words of a name, against RFC 2047, 6.2."""
    value = message_from_bytes(raw)["To"]
    shown = str(make_header(decode_header(value)))
    name = shown.removesuffix("ann@example.org").removesuffix("<ann@example.org>").strip()
    return re.sub(r"\\(.)", r"\1", name[1:-1]) if value.startswith('"') else name


@given(subject=WORDS, name=WORDS)
def test_any_subject_and_name_arrive_unchanged(subject: str, name: str) -> None:
    headers = [header("Subject", subject), address_header("To", name, "ann@example.org")]
    mail = read(letter(headers, NOW, "=_b", "text", "<p>html</p>"))
    assert str(mail["Subject"]) == " ".join(subject.split())
    assert mail["To"].addresses[0].addr_spec == "ann@example.org"
    assert display_name(headers[1]) == " ".join(name.split())


@given(text=LINES, html=LINES)
def test_any_text_arrives_unchanged(text: str, html: str) -> None:
    mail = read(letter([header("Subject", "x")], NOW, "=_b", text, html))
    assert body(mail, "plain") == "\n".join(text.splitlines()).rstrip("\n")
    assert body(mail, "html") == "\n".join(html.splitlines()).rstrip("\n")


@pytest.mark.parametrize("name", ["=?utf-8?q?Evil?=", 'Ann "=?utf-8?b?RXZpbA==?=" Smith', "=?", "1 =?= 1"])
def test_a_name_that_looks_like_an_encoded_word_arrives_literally(name: str) -> None:
    mail = read(letter([address_header("To", name, "ann@example.org"), header("Subject", name)], NOW, "=_b", "x", "x"))
    assert mail["To"].addresses[0].display_name == name
    assert str(mail["Subject"]) == name


def test_no_line_break_reaches_a_header() -> None:
    raw = letter([header("Subject", "Hello\r\nBcc: evil@example.org")], NOW, "=_b", "text", "html")
    assert read(raw)["Bcc"] is None


def test_every_line_ends_with_crlf_and_is_short_enough() -> None:
    raw = letter([header("Subject", "ü" * 600)], NOW, "=_b", "x" * 5000 + "\n.\nend", "<p>ü</p>")
    lines = raw.split(b"\r\n")
    assert not any(b"\n" in line or b"\r" in line for line in lines)
    assert max(map(len, lines)) <= 998


@pytest.mark.parametrize("name", ['Ann "Boss" Lee', "back\\slash", '"', '\\"'])
def test_quotation_marks_and_backslashes_in_a_name_are_read_back(name: str) -> None:
    raw = address_header("To", name, "ann@example.org") + b"\r\n"
    (address,) = message_from_bytes(raw, policy=default)["To"].addresses
    assert (address.display_name, address.addr_spec) == (name, "ann@example.org")
