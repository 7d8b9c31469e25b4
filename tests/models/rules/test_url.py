"""Addresses that people are sent to: which are taken, in what form, and why others are refused."""

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.url import LONGEST_URL, https_url


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("https://example.com/a?b=c#d", "https://example.com/a?b=c#d"),
        ("HTTPS://Example.com", "https://example.com"),
        ("https://müller.de:8443/ä", "https://xn--mller-kva.de:8443/ä"),
        ("https://reviews", "https://reviews"),
        ("https://my_shop.example.com/@me", "https://my_shop.example.com/@me"),
        ("https://[2001:DB8::1]:443/x", "https://[2001:db8::1]:443/x"),
    ],
)
def test_an_address_is_kept_with_its_host_in_ascii(text: str, stored: str) -> None:
    assert https_url(text) == stored


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "beginning with https://"),
        ("example.com", "beginning with https://"),
        ("http://example.com", "beginning with https://"),
        ("javascript:alert(1)", "beginning with https://"),
        ("https://", "beginning with https://"),
        ("https:///path", "beginning with https://"),
        ("https://example.com/a b", "no spaces"),
        ("https://example.com/\u00a0", "no spaces"),
        ("https://example.com/\r\nSet-Cookie: x", "no spaces"),
        ("https://example.com/\u202e", "no spaces"),
        ("https://example.com\\@evil.example", "backslashes"),
        ("https://ann@example.com", "user name"),
        ("https://ann:secret@example.com", "user name"),
        ("https://example.com:x", "port"),
        ("https://example.com:70000", "port"),
        ("https://[example", "port"),
        ("https://a..b", "“a..b” is not a valid host"),
        ("https://ex%61mple.com", "not a valid host"),
        ("https://☃.com", "not a valid domain"),
        (f"https://example.com/{'x' * LONGEST_URL}", "at most 2000"),
    ],
)
def test_a_refusal_says_what_is_wrong(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        https_url(text)


@given(st.one_of(st.text(), st.from_regex(r"https://.{1,40}")))
def test_whatever_is_taken_has_a_host_no_credentials_and_is_taken_again_as_it_is(text: str) -> None:
    try:
        stored = https_url(text)
    except ValueError:
        return
    at = urlsplit(stored)
    assert (at.scheme, at.username, bool(at.hostname), at.netloc.isascii()) == ("https", None, True, True)
    assert stored.isprintable()
    assert https_url(stored) == stored
