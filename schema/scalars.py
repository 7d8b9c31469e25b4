"""DateTime and Date, as the contract has them."""

import re
from datetime import UTC, date, datetime
from typing import Any

import orjson
import strawberry
from graphql import GraphQLError

from models.rules.moment import BOUNDS, is_day

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def _parse_datetime(value: Any) -> datetime:
    """Accepts every year, since a mutation refuses years out of bounds as a user error."""
    try:
        if isinstance(value, str) and _MOMENT.fullmatch(value):
            return datetime.fromisoformat(value.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise GraphQLError(f"Write a DateTime as in 2026-05-01T09:30:00Z (RFC 3339, with an offset), {BOUNDS}.")


def _parse_date(value: Any) -> date:
    try:
        if isinstance(value, str) and _DAY.fullmatch(value):
            day = date.fromisoformat(value)
            if is_day(day):
                return day
    except ValueError:
        pass
    raise GraphQLError(f"Write a Date as in 2026-05-01 (ISO 8601), {BOUNDS}.")


def _written(moment: datetime) -> str:
    """In UTC. An infinite time, which earlier versions stored, comes from the database without a zone."""
    if moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    # Faster than isoformat, for the times of every row.
    return orjson.dumps(moment, option=orjson.OPT_UTC_Z)[1:-1].decode()


OVERRIDES: dict[object, Any] = {
    datetime: strawberry.scalar(
        name="DateTime",
        description=f"A point in time, RFC 3339 in UTC, {BOUNDS}.",
        serialize=_written,
        parse_value=_parse_datetime,
    ),
    date: strawberry.scalar(
        name="Date",
        description=f"A calendar date, ISO 8601, in the account's time zone, {BOUNDS}.",
        serialize=lambda value: value.isoformat(),
        parse_value=_parse_date,
    ),
}
