"""Mistyped mail domains: what is suggested, and what is left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.email import normalize_email
from models.rules.errors import InvalidEmail
from models.rules.mail_typos import likely_domain


@pytest.mark.parametrize(
    ("domain", "likely"),
    [
        ("gmial.com", "gmail.com"),
        ("gmail.con", "gmail.com"),
        ("gmial.con", "gmail.com"),
        ("gmail.co", "gmail.com"),
        ("hotmial.com", "hotmail.com"),
        ("hotmial.co.uk", "hotmail.co.uk"),
        ("yaho.com", "yahoo.com"),
        ("yaho.de", "yahoo.de"),
        ("example.con", "example.com"),
        ("mail.example.ogr", "mail.example.org"),
    ],
)
def test_the_domain_that_was_meant_is_suggested(domain: str, likely: str) -> None:
    assert likely_domain(domain) == likely


@pytest.mark.parametrize(
    "domain",
    [
        "gmail.com",
        "googlemail.com",
        "hotmail.fr",
        "yahoo.co.uk",
        "yahoo.com.br",
        "example.co",
        "gmal.example.com",
        "x.cm",
    ],
)
def test_a_domain_that_may_be_right_is_left_alone(domain: str) -> None:
    assert likely_domain(domain) is None


LABEL = st.sampled_from(["gmial", "gmail", "yaho", "example", "co", "com", "con", "cm", "de", "ogr"])


@given(st.lists(LABEL, min_size=2, max_size=4).map(".".join))
def test_a_suggestion_leads_to_no_further_one(domain: str) -> None:
    likely = likely_domain(domain)
    assert likely is None or likely_domain(likely) is None


def test_an_ending_that_does_not_exist_is_refused_with_the_suggestion() -> None:
    with pytest.raises(InvalidEmail) as refused:
        normalize_email("ann@gmial.con")
    assert refused.value.message == "“.con” is not a top-level domain; did you mean gmail.com?"


def test_a_mistyped_domain_that_may_exist_is_stored_as_written() -> None:
    assert normalize_email("ann@gmial.com") == "ann@gmial.com"
