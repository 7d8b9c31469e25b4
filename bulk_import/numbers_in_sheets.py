"""Numbers of spreadsheets as people see them: whole numbers without decimals, dates in ISO 8601, leading zeros and plus signs."""

import re
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation

_EPOCH, _EPOCH_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)  # noqa: DTZ001 - cells have no time zone
_NOT_IN_CODE = re.compile(r'"[^"]*"|\\.|[_*].|\[(?![hms]+\])[^\]]*\]', re.IGNORECASE)
_DATE_LETTERS = re.compile("[ymdhs]", re.IGNORECASE)
_PIECE = re.compile(r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|[_*].|\[(?P<bracket>[^\]]*)\]|(?P<digit>[0#?])|(?P<other>.)')
_OUTSIDE_QUOTES = frozenset(" -+():!&~'{}")
_NOT_DIALED = re.compile(r"[^0-9+]")
_MOST_DIGITS = 30
_SEEN_NUMBER = re.compile(r"[+0(][\d\s()/-]*")
_MIDNIGHT = re.compile(r"T00:00(:00(\.0+)?)?Z?$")
DATE_FORMATS = frozenset([*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)])
"""The numbers of built-in formats for dates and times."""


def is_date_format(code: str) -> bool:
    """Whether a number format such as dd/mm/yyyy shows dates or times."""
    return _DATE_LETTERS.search(_NOT_IN_CODE.sub("", code)) is not None


def shown_digits(code: str) -> tuple[str, int]:
    """What a format for whole numbers shows before the number, of a plus sign and digits, and how many digits it shows at least:
    "+" and 1 for +0, and "" and 11 for 0000/0000000. Nothing for other formats."""
    before, placeholders = "", ""
    for piece in _PIECE.finditer(code):
        if piece["other"] == ";":
            break
        if not _is_of_whole_number(piece):
            return "", 0
        if piece["digit"]:
            placeholders += piece["digit"]
        elif not placeholders:
            before += piece["quoted"] or piece["escaped"] or piece["other"] or ""
    digits = len(placeholders.lstrip("#?"))
    return (_NOT_DIALED.sub("", before)[-_MOST_DIGITS:], digits) if 0 < len(placeholders) <= _MOST_DIGITS else ("", 0)


def _is_of_whole_number(piece: re.Match[str]) -> bool:
    """Whether this is neither a decimal point nor a currency, a condition, a percent sign and the like."""
    if (bracket := piece["bracket"]) is not None:
        return bracket.startswith("$-") or bracket.isalpha()
    return piece["other"] is None or piece["other"] in _OUTSIDE_QUOTES


def seen_number(written: str, seen: str) -> str:
    """A number with the zeros and the plus sign that people see before it, if they see nothing else than its digits."""
    number, seen = number_text(written), seen.strip()
    if number.isdigit() and _SEEN_NUMBER.fullmatch(seen):
        digits = re.sub(r"\D", "", seen)
        if digits.endswith(number):
            return f"+{digits}" if seen.startswith("+") else digits
    return number


def number_text(written: str, before: str = "", digits: int = 0) -> str:
    """A number without exponent, and without decimals if it is whole, with what its format shows before it; other text as it
    is."""
    if written.isascii() and written.isdigit() and written[0] != "0":
        return before + written.zfill(digits)
    try:
        number = Decimal(written.strip())
    except InvalidOperation:
        return written
    if not number.is_finite() or abs(number.adjusted()) > 30:
        return written
    if number == number.to_integral_value():
        return (before if number > 0 else "") + str(int(number)).zfill(digits)
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
