"""Numbers of spreadsheets as people see them: whole numbers without decimals, dates in ISO 8601, leading zeros."""

import re
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation

_EPOCH, _EPOCH_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)  # noqa: DTZ001 - cells have no time zone
_NOT_IN_CODE = re.compile(r'"[^"]*"|\\.|[_*].|\[(?![hms]+\])[^\]]*\]', re.IGNORECASE)
_DATE_LETTERS = re.compile("[ymdhs]", re.IGNORECASE)
_ZEROS = re.compile("0{2,30}")
_MIDNIGHT = re.compile(r"T00:00(:00(\.0+)?)?Z?$")
DATE_FORMATS = frozenset([*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)])
"""The numbers of built-in formats for dates and times."""


def is_date_format(code: str) -> bool:
    """Whether a number format such as dd/mm/yyyy shows dates or times."""
    return _DATE_LETTERS.search(_NOT_IN_CODE.sub("", code)) is not None


def fixed_digits(code: str) -> int:
    """How many digits a number format such as 00000 shows at least; 0 for other formats."""
    return len(code) if _ZEROS.fullmatch(code) else 0


def number_text(written: str, digits: int = 0) -> str:
    """A number without exponent, and without decimals if it is whole; other text as it is."""
    if written.isascii() and written.isdigit() and written[0] != "0":
        return written.zfill(digits)
    try:
        number = Decimal(written.strip())
    except InvalidOperation:
        return written
    if not number.is_finite() or abs(number.adjusted()) > 30:
        return written
    if number == number.to_integral_value():
        return str(int(number)).zfill(digits)
    return f"{Decimal(repr(float(number))):f}"


def date_text(written: str, *, since_1904: bool = False) -> str:
    """The date, time, or both that a number of days stands for."""
    try:
        days = float(written)
        moment = (_EPOCH_1904 if since_1904 else _EPOCH) + timedelta(seconds=round(days * 86_400))
    except (ValueError, OverflowError):
        return number_text(written)
    if 0 <= days < 1:
        return moment.time().isoformat()
    return without_midnight(moment.isoformat())


def without_midnight(moment: str) -> str:
    return _MIDNIGHT.sub("", moment)
