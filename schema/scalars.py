"""DateTime and Date, as the contract has them."""

import re
from datetime import UTC, date, datetime
from typing import Any

import strawberry
from graphql import GraphQLError

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def _parse_datetime(value: Any) -> datetime:
    try:
        if isinstance(value, str) and _MOMENT.fullmatch(value):
            return datetime.fromisoformat(value.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise GraphQLError("Write a DateTime as in 2026-05-01T09:30:00Z (RFC 3339, with an offset).")


def _parse_date(value: Any) -> date:
    try:
        if isinstance(value, str) and _DAY.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise GraphQLError("Write a Date as in 2026-05-01 (ISO 8601).")


OVERRIDES: dict[object, Any] = {
    datetime: strawberry.scalar(
        name="DateTime",
        description="A point in time, RFC 3339 in UTC.",
        serialize=lambda value: value.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        parse_value=_parse_datetime,
    ),
    date: strawberry.scalar(
        name="Date",
        description="A calendar date, ISO 8601, in the account's time zone.",
        serialize=lambda value: value.isoformat(),
        parse_value=_parse_date,
    ),
}
