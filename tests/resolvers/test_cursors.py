"""Only unchanged cursors of the same connection are accepted."""

import base64
import string
from datetime import UTC
from typing import Any

import pytest
from graphql import GraphQLError
from hypothesis import given
from hypothesis import strategies as st

from models.reads.keyset import Position
from resolvers.cursors import CursorBox, Slice, slice_of

BOX = CursorBox(("first secret of the tests",))
VALUES = st.none() | st.integers(-(2**53), 2**53) | st.text(string.printable) | st.datetimes(timezones=st.just(UTC))
POSITIONS = st.builds(Position, VALUES, st.uuids() | st.integers(0, 2**31))
LETTERS = string.ascii_letters + string.digits + "-_=+/ \n"


def refused(box: CursorBox, connection: str, cursor: str) -> bool:
    try:
        box.read(connection, cursor)
    except GraphQLError as error:
        return error.extensions == {"code": "BAD_USER_INPUT"}
    return False


@given(POSITIONS)
def test_cursor_round_trips(position: Position) -> None:
    assert BOX.read("customers", BOX.make("customers", position)) == position


@given(POSITIONS, st.data())
def test_changed_cursor_is_refused(position: Position, data: st.DataObject) -> None:
    cursor = BOX.make("customers", position)
    place = data.draw(st.integers(0, len(cursor) - 1))
    letter = data.draw(st.sampled_from(LETTERS).filter(lambda one: one != cursor[place]))
    assert refused(BOX, "customers", cursor[:place] + letter + cursor[place + 1 :])
    assert refused(BOX, "customers", cursor[:place])
    assert refused(BOX, "customers", cursor + letter)


@given(st.text())
def test_arbitrary_text_is_refused(text: str) -> None:
    assert refused(BOX, "customers", text)
    assert refused(BOX, "customers", base64.urlsafe_b64encode(text.encode("utf-8", "surrogatepass")).decode())


@given(POSITIONS, st.text(min_size=1))
def test_a_cursor_of_another_connection_is_refused(position: Position, other: str) -> None:
    assert refused(BOX, "customers" + other, BOX.make("customers", position))


def test_cursor_signed_with_an_older_secret_is_accepted() -> None:
    rotated = CursorBox(("a new secret of the tests", "first secret of the tests"))
    assert rotated.read("customers", BOX.make("customers", Position(1, 2))) == Position(1, 2)
    assert refused(BOX, "customers", rotated.make("customers", Position(1, 2)))


@pytest.mark.parametrize(
    "given",
    [
        {"first": 0},
        {"first": 101},
        {"last": -1},
        {"last": 101},
        {"first": 1, "last": 1},
        {"after": "x", "before": "x"},
        {"after": "x", "last": 1},
        {"before": "x", "first": 1},
    ],
)
def test_contradictory_arguments_are_refused(given: dict[str, Any]) -> None:
    with pytest.raises(GraphQLError) as refusal:
        slice_of(**given)
    assert refusal.value.extensions == {"code": "BAD_USER_INPUT"}


def test_default_page_has_25_rows() -> None:
    assert slice_of() == Slice(25)
    assert slice_of(after="x") == Slice(25, "x")
    assert slice_of(before="x") == Slice(25, "x", backward=True)
