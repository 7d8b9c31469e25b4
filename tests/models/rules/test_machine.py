"""Telling people from machines by their requests."""

import tomllib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.enums import ActorKind
from models.rules.machine import AT_ONCE, Evidence, Target, at_once, verdict

NOW = datetime(2026, 5, 4, 9, tzinfo=UTC)
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
HOUR = timedelta(hours=1)


def corpus() -> list[dict[str, Any]]:
    requests: list[dict[str, Any]] = tomllib.loads(Path(__file__).with_name("requests.toml").read_text())["request"]
    return requests


def evidence(request: dict[str, Any]) -> Evidence:
    agent = [("User-Agent", request["agent"])] if "agent" in request else []
    since = request.get("since_sent", HOUR.total_seconds())
    return Evidence(
        target=Target(request.get("target", "REVIEW")),
        method=request.get("method", "GET"),
        headers=[*agent, *((name, value) for name, value in request.get("headers", []))],
        since_sent=None if since == "never" else timedelta(seconds=since),
        beside=frozenset(map(Target, request.get("beside", []))),
        answered=request.get("answered", False),
    )


@pytest.mark.parametrize("request_", corpus(), ids=lambda one: f"{one['what']}: {one.get('agent', '')[:60]}")
def test_each_recorded_request_gets_its_verdict(request_: dict[str, Any]) -> None:
    assert verdict(evidence(request_)) is ActorKind(request_["verdict"])


def recased(text: str, upper: Sequence[bool]) -> str:
    return "".join(
        letter.upper() if flag else letter.lower()
        for letter, flag in zip(text, [*upper, *[False] * len(text)], strict=False)
    )


@given(st.data())
def test_the_verdict_depends_neither_on_the_order_nor_on_the_case_of_headers(data: st.DataObject) -> None:
    request = evidence(data.draw(st.sampled_from(corpus())))
    more = data.draw(st.sampled_from(corpus())).get("headers", [])
    headers = [*request.headers, *((name, value) for name, value in more), ("Accept", "*/*")]
    flags = st.lists(st.booleans(), max_size=80)
    shuffled = [
        (recased(name, data.draw(flags)), recased(value, data.draw(flags)))
        for name, value in data.draw(st.permutations(headers))
    ]
    first, second = (
        Evidence(
            target=request.target, method=request.method, headers=given_, since_sent=request.since_sent,
            beside=request.beside, answered=request.answered,
        )
        for given_ in (headers, shuffled)
    )  # fmt: skip
    assert verdict(first) is verdict(second)


@given(st.text(max_size=200))
def test_any_user_agent_gets_a_verdict(agent: str) -> None:
    kinds = {ActorKind.LIKELY_MACHINE, ActorKind.UNKNOWN}
    assert verdict(Evidence(headers=[("user-agent", agent)])) in kinds
    assert verdict(Evidence(headers=[("user-agent", agent)], answered=True)) is ActorKind.HUMAN


def test_requests_are_at_once_within_two_seconds_before_or_after() -> None:
    step = timedelta(milliseconds=1)
    requests = {
        Target.REVIEW: [NOW],
        Target.UNSUBSCRIBE: [NOW - HOUR, NOW + AT_ONCE],
        Target.PIXEL: [NOW - AT_ONCE - step],
    }
    assert at_once(requests, Target.REVIEW, NOW) == {Target.UNSUBSCRIBE}
    assert at_once(requests, Target.UNSUBSCRIBE, NOW + AT_ONCE) == {Target.REVIEW}
    assert at_once(requests, Target.PIXEL, NOW - step) == {Target.REVIEW}
