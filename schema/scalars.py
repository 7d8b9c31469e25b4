"""DateTime and Date, as the contract has them."""

from datetime import UTC, date, datetime
from typing import Any

import strawberry
from graphql import GraphQLError


def _parse_datetime(value: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        moment = None
    if moment is None or moment.tzinfo is None:
        raise GraphQLError("A DateTime is written as in 2026-05-01T09:30:00Z (RFC 3339, with its offset).")
    return moment.astimezone(UTC)


def _parse_date(value: Any) -> date:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise GraphQLError("A Date is written as in 2026-05-01 (ISO 8601).") from error


OVERRIDES: dict[object, Any] = {
    datetime: strawberry.scalar(
        name="DateTime",
        description="RFC 3339, UTC.",
        serialize=lambda value: value.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        parse_value=_parse_datetime,
    ),
    date: strawberry.scalar(
        name="Date",
        description="ISO 8601 calendar date, in the account's time zone.",
        serialize=lambda value: value.isoformat(),
        parse_value=_parse_date,
    ),
}
