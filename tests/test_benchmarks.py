"""The benchmarks' own rules: what the peers are installed from, and what is computed from answers."""

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from benchmarks import plot
from benchmarks.load import without
from benchmarks.operations import CLIENTS, DEEP, DETAIL, PAGE
from benchmarks.peers.postgraphile import DIALECTS

LOCK = json.loads((Path(__file__).parents[1] / "benchmarks/peers/package-lock.json").read_text())
LICENSES = {"0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT"}
KEY = "01a21e80-6c0e-7271-9be7-413ed2d45cc0"
HEX = KEY.replace("-", "")


def test_the_peers_lock_file_names_no_package_index() -> None:
    assert [name for name, one in LOCK["packages"].items() if "resolved" in one] == []


def test_every_package_of_the_peers_has_a_permissive_license_and_a_hash() -> None:
    packages = {name: one for name, one in LOCK["packages"].items() if name}
    assert {one["license"] for one in packages.values()} <= LICENSES
    assert all("integrity" in one for one in packages.values())


def answered(review: dict[str, object] | None) -> dict[str, Any]:
    """PostGraphile's answer with one customer."""
    node = {
        "rowId": KEY, "firstName": "Ann", "lastName": None, "email": "ann@example.com", "phone": None, "source": "Till",
        "invitedOn": "2026-11-27T19:33:22.5+00:00", "npsScore": 9, "rating": 4, "locationByLocationId": {"name": "Main"},
        "latestInvitation": {"rowId": KEY, "state": "ACTIVE"}, "latestReview": review,
    }  # fmt: skip
    account = {
        "rowId": KEY,
        "accountUsagesByAccountId": {"nodes": [{"invited": 2}, {"invited": 3}]},
        "customersByAccountId": {"edges": [{"cursor": "x", "node": node}], "pageInfo": {"hasNextPage": False}},
    }
    return {"data": {"accountByRowId": account}}


def test_postgraphiles_answer_is_put_in_our_shape() -> None:
    review = {"rating": 4, "text": "Good", "reviewPlatformByPlatformId": {"name": "Google"}}
    account = DIALECTS[PAGE].answer(answered(review))["data"]["account"]
    [edge] = account["customers"]["edges"]
    assert (account["id"], account["usage"]) == (f"acc_{HEX}", {"invitedThisCycle": 5})
    assert edge["node"]["id"] == f"cus_{HEX}"
    assert edge["node"]["invitedOn"] == "2026-11-27T19:33:22.500000Z"
    assert edge["node"]["invitation"] == {"id": f"inv_{HEX}", "state": "ACTIVE"}
    assert edge["node"]["linkedReview"] == {"rating": 4, "text": "Good", "platform": {"name": "Google"}}


def test_a_customer_without_a_review_has_none_in_our_shape() -> None:
    [edge] = DIALECTS[PAGE].answer(answered(None))["data"]["account"]["customers"]["edges"]
    assert edge["node"]["linkedReview"] is None


def test_postgraphile_is_asked_with_its_own_ids() -> None:
    asked = {PAGE: {"id": f"acc_{HEX}"}, DEEP: {"id": f"acc_{HEX}"}, CLIENTS: {"id": f"agy_{HEX}"}}
    assert {DIALECTS[document].variables(ours)["id"] for document, ours in asked.items()} == {KEY}
    assert DIALECTS[DETAIL].variables({"customer": f"cus_{HEX}"}) == {"customer": KEY}


def test_answers_are_compared_without_cursors_and_without_what_a_server_cannot_tell() -> None:
    answer = {"edges": [{"cursor": "x", "node": {"id": 1, "canStop": True}}], "endCursor": "x"}
    assert without(answer, frozenset({"canStop"})) == {"edges": [{"node": {"id": 1}}]}


def test_a_plot_has_a_line_and_a_name_for_each_series() -> None:
    drawn = plot.lines({"first": [(10, 1.0), (1000, 3.0)], "second": [(10, 2.0), (1000, 2.5)]}, "customers", "ms")
    picture = ElementTree.fromstring(drawn)  # noqa: S314 - our own
    lines = [one for one in picture if one.tag.endswith("polyline")]
    texts = [one.text for one in picture if one.tag.endswith("text")]
    assert len(lines) == 2
    assert {"first", "second", "customers", "ms", "10", "1,000", "5"} <= set(texts)


def test_bars_are_as_high_as_their_values_and_grouped() -> None:
    drawn = plot.bars({"page": {"first": 1.0, "second": 0.5}, "search": {"second": 0.25}}, "rate")
    picture = ElementTree.fromstring(drawn)  # noqa: S314 - our own
    heights = [float(one.attrib["height"]) for one in picture if one.get("class") == "bar"]
    texts = [one.text for one in picture if one.tag.endswith("text")]
    assert [height / heights[0] for height in heights] == pytest.approx([1, 0.5, 0.25], abs=0.01)
    assert {"first", "second", "page", "search", "rate"} <= set(texts)
    assert texts.count("second") == 1
