"""Telling people from machines by their requests."""

from datetime import UTC, datetime, timedelta

import pytest

from models.rules.enums import ActorKind
from models.rules.machine import actor_of

NOW = datetime(2026, 5, 4, 9, tzinfo=UTC)
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.mark.parametrize(
    "agent",
    [
        None,
        "",
        "Mozilla/5.0",
        "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
        "YahooMailProxy; https://help.yahoo.com",
        "BarracudaCentral link scan",
        "Slackbot-LinkExpanding 1.0",
        "WhatsApp/2.23",
        "curl/8.5",
        "python-requests/2.32",
    ],
)
def test_prefetches_and_scanners_are_likely_machines(agent: str | None) -> None:
    assert actor_of({"user-agent": agent or ""}, NOW - timedelta(hours=1), NOW) is ActorKind.LIKELY_MACHINE


def test_a_browser_is_unknown_until_a_form_is_submitted() -> None:
    assert actor_of({"user-agent": FIREFOX}, NOW - timedelta(hours=1), NOW) is ActorKind.UNKNOWN


def test_a_click_within_a_second_of_sending_is_a_machine() -> None:
    assert actor_of({"user-agent": FIREFOX}, NOW - timedelta(milliseconds=500), NOW) is ActorKind.LIKELY_MACHINE


@pytest.mark.parametrize(
    ("name", "value"),
    [("sec-purpose", "prefetch;prerender"), ("purpose", "prefetch"), ("x-purpose", "Prefetch"), ("x-moz", "prefetch")],
)
def test_a_browser_that_prefetches_is_a_likely_machine(name: str, value: str) -> None:
    assert actor_of({"user-agent": FIREFOX, name: value}, NOW - timedelta(hours=1), NOW) is ActorKind.LIKELY_MACHINE
