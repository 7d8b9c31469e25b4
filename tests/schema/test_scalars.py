"""Parsing and serializing DateTime and Date."""

from datetime import UTC, date, datetime, time

import pytest
from graphql import GraphQLError
from hypothesis import given
from hypothesis import strategies as st

from models.rules.moment import FIRST_DAY, LAST_DAY
from schema.scalars import OVERRIDES

MOMENT, DAY = OVERRIDES[datetime], OVERRIDES[date]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-05-01T09:30:00Z", datetime(2026, 5, 1, 9, 30, tzinfo=UTC)),
        ("2026-05-01T09:30:00.5+02:00", datetime(2026, 5, 1, 7, 30, 0, 500_000, tzinfo=UTC)),
        ("2026-05-01t09:30:00z", datetime(2026, 5, 1, 9, 30, tzinfo=UTC)),
    ],
)
def test_date_time_with_offset_is_parsed(text: str, moment: datetime) -> None:
    assert MOMENT.parse_value(text) == moment


@pytest.mark.parametrize(
    "text",
    [
        "2026-05-01T09:30:00",
        "2026-05-01",
        "20260501T093000Z",
        "2026-W18-5T09:30:00Z",
        "2026-02-30T09:30:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "２026-05-01T09:30:00Z",
        "",
        5,
        None,
        True,
    ],
)
def test_invalid_date_time_is_refused_with_an_example(text: object) -> None:
    with pytest.raises(GraphQLError, match=r"2026-05-01T09:30:00Z .* from the year 1900 to the year 9998"):
        MOMENT.parse_value(text)


MOMENTS = st.datetimes(
    datetime.combine(FIRST_DAY, time.min), datetime.combine(LAST_DAY, time.max), timezones=st.just(UTC)
)


@given(MOMENTS)
def test_date_time_round_trips_in_utc(moment: datetime) -> None:
    written = MOMENT.serialize(moment)
    assert written.endswith("Z")
    assert MOMENT.parse_value(written) == moment


@pytest.mark.parametrize(
    ("stored", "text"),
    [(datetime.min, "0001-01-01T00:00:00Z"), (datetime.max, "9999-12-31T23:59:59.999999Z")],  # noqa: DTZ901
)
def test_stored_infinite_time_is_serialized(stored: datetime, text: str) -> None:
    assert MOMENT.serialize(stored) == text


def test_date_is_a_plain_calendar_date() -> None:
    assert DAY.parse_value("2026-05-01") == date(2026, 5, 1)
    for text in ("20260501", "2026-W18-5", "2026-13-01", "0001-01-01", "1899-12-31", "9999-12-31", "", 5):
        with pytest.raises(GraphQLError, match=r"2026-05-01 .* from the year 1900 to the year 9998"):
            DAY.parse_value(text)
