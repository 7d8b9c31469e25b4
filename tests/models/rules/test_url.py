"""URLs that people are redirected to: which are accepted, how they are stored, and why others are refused."""

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
def test_a_url_is_stored_with_an_ascii_host(text: str, stored: str) -> None:
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
def test_a_refusal_explains_what_is_wrong(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        https_url(text)


@given(st.one_of(st.text(), st.from_regex(r"https://.{1,40}")))
def test_any_accepted_url_has_a_host_and_no_credentials_and_is_normalized(text: str) -> None:
    try:
        stored = https_url(text)
    except ValueError:
        return
    url = urlsplit(stored)
    assert (url.scheme, url.username, bool(url.hostname), url.netloc.isascii()) == ("https", None, True, True)
    assert stored.isprintable()
    assert https_url(stored) == stored
