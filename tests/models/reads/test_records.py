"""Rows that are views of records, and statements that select only the columns that are needed."""

from typing import Any

import pytest

from models.reads.customer_rows import CustomerRow, InvitationRow, customer_columns, customer_joins
from models.reads.records import Row, column, columns_of, part, selected
from models.rules.enums import InvitationState


class Inner(Row):
    key: int = column("i_key")


class Outer(Row):
    name: str = column("o_name")
    both: str = column("o_name", "o_rest", by=lambda name, rest: f"{name} {rest}")
    inner: Inner = part(Inner)
    perhaps: Inner | None = part(Inner, unless_null="i_key")


def test_attributes_are_read_from_the_record() -> None:
    row = Outer({"o_name": "Ann", "o_rest": "Meyer", "i_key": 7})
    assert (row.name, row.both, row.inner.key) == ("Ann", "Ann Meyer", 7)
    assert row.perhaps is not None


def test_a_part_is_missing_where_its_column_is_null() -> None:
    assert Outer({"i_key": None}).perhaps is None


def test_all_columns_of_a_row_include_those_of_its_parts() -> None:
    assert set(columns_of(Outer)) == {"o_name", "o_rest", "i_key"}


def test_columns_are_selected_once_from_the_table_of_their_alias() -> None:
    assert selected(["c_email", "c_email", "c_sum"], {"c_sum": "1 + 1"}) == "c.email as c_email, 1 + 1 as c_sum"


@pytest.mark.parametrize(
    ("columns", "tables"),
    [
        (frozenset({"c_email"}), set()),
        (frozenset({"l_name"}), {"location l"}),
        (frozenset({"i_state"}), {"invitation i"}),
        (frozenset({"n_held_by"}), {"invitation i", "lateral ("}),
        (frozenset({"r_text"}), {"review r"}),
        (frozenset({"p_name"}), {"review r", "review_platform p"}),
        (None, {"location l", "invitation i", "lateral (", "review r", "review_platform p"}),
    ],
)
def test_a_customer_is_joined_to_what_its_columns_need(columns: frozenset[str] | None, tables: set[str]) -> None:
    joins = customer_joins(columns)
    named = {"location l", "invitation i", "lateral (", "review r", "review_platform p"}
    assert {one for one in named if f"join {one}" in joins} == tables


def test_the_keys_of_customers_are_always_selected() -> None:
    assert customer_columns(frozenset({"c_email"})) == "c.account_id as c_account_id, c.email as c_email, c.id as c_id"
    assert set(columns_of(CustomerRow)) >= {"c_id", "c_account_id"}


@pytest.mark.parametrize(
    ("record", "state", "reason", "detail"),
    [
        ({"i_state": "ACTIVE", "n_held_by": None}, InvitationState.ACTIVE, "STORED", None),
        ({"i_state": "QUEUED", "n_held_by": "RELAY"}, InvitationState.HELD, "RELAY", "451 later"),
    ],
)
def test_an_invitation_is_held_while_its_lane_is(
    record: dict[str, Any], state: InvitationState, reason: str, detail: str | None
) -> None:
    row = InvitationRow(record | {"i_state_reason": "STORED", "n_reply": "451 later"})
    assert (row.state, row.state_reason, row.state_detail) == (state, reason, detail)
