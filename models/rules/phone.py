"""Parses phone numbers as people write them into E.164, with a reason for each refusal."""

import re

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType, ValidationResult

from models.rules.address import known
from models.rules.errors import InvalidPhone

_SCIENTIFIC = re.compile(r"\d[.,]?\d*[eE]\+?\d+")
_DECIMAL = re.compile(r"(?:\d{4}[.,]0{1,2}|\d{6}[.,]0+|[.,]0)\D*$")
_DIGITS_BEHIND_A_DOT = re.compile(r"(?:\d{4}[.,]\d{1,2}|[.,]\d)\D*$")
_BETWEEN_NUMBERS = re.compile(r"[/,;:|&*(\n]")
WHOLE_NUMBER = 8
"""A valid number with this many digits, without its country's code, is not the area code of what follows it."""


def normalize_phone(text: str, country: str) -> tuple[str, str]:
    """Returns the number in E.164, and its digits in national format. Raises InvalidPhone."""
    written = text.strip()
    if reason := _shape(written, country):
        raise InvalidPhone(reason, ["phone"])
    try:
        number = _without_plus(written, country) or phonenumbers.parse(written, country)
    except NumberParseException as error:
        raise InvalidPhone(_unreadable(error, _how(written, country)), ["phone"]) from error
    if number.extension:
        raise InvalidPhone("Give the phone number without an extension.", ["phone"])
    if not phonenumbers.is_valid_number(number):
        raise InvalidPhone(_invalid(number, _how(written, country)), ["phone"])
    national = phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
    return phonenumbers.format_number(number, PhoneNumberFormat.E164), re.sub(r"\D", "", national)


def _without_plus(written: str, country: str) -> phonenumbers.PhoneNumber | None:
    """The number if it begins with the country's code but has no plus sign, as spreadsheets remove it. Raises InvalidPhone
    if it is also a valid national number, and not a mobile number."""
    code = str(phonenumbers.country_code_for_region(country))
    digits = re.sub(r"\D", "", written)
    if written.startswith(("+", "(", "0")) or not digits.startswith(code):
        return None
    international, national = phonenumbers.parse(f"+{digits}"), phonenumbers.parse(written, country)
    if not phonenumbers.is_valid_number(international):
        return None
    mobile = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)
    is_mobile = phonenumbers.number_type(international) in mobile
    if phonenumbers.is_valid_number(national) and national != international and not is_mobile:
        reason = f"This begins with {code}, which is also the country's code; write +{code}… or 0…."
        raise InvalidPhone(reason, ["phone"])
    return international


def phone_or_none(text: str | None, country: str) -> tuple[str | None, str | None]:
    """Like `normalize_phone`, but None for blanks and placeholders. Raises InvalidPhone."""
    return normalize_phone(text, country) if text and known(text) else (None, None)


def _shape(written: str, country: str) -> str | None:
    """What is wrong with the overall form, before parsing."""
    if _SCIENTIFIC.fullmatch(written):
        return "A spreadsheet has rounded this number; format the column as text and enter the number again."
    if _DECIMAL.search(written):
        return "A spreadsheet has made this a decimal number; format the column as text and enter the number again."
    if any(map(str.isalpha, written)):
        return "A phone number has no letters; give its digits alone, without words or an extension."
    if _DIGITS_BEHIND_A_DOT.search(written) or _are_several(written, country):
        return "Give one phone number, not several."
    if not any(map(str.isdigit, written)):
        return "This has no digits; write a phone number."
    return None


def _are_several(written: str, country: str) -> bool:
    """Whether a separator is followed by a whole number, by the last digits of one or by an extension: 030 1234567/8, but
    not 030/1234567."""
    *before, last = (len(re.sub(r"\D", "", part)) for part in _BETWEEN_NUMBERS.split(written))
    return sum(before) >= 6 and (last >= 6 or last in (1, 2) or (last > 0 and _is_whole(written, country)))


def _is_whole(written: str, country: str) -> bool:
    """Whether what stands before the last separator is a number of its own."""
    *_, separator = _BETWEEN_NUMBERS.finditer(written)
    try:
        number = phonenumbers.parse(written[: separator.start()], country)
    except NumberParseException:
        return False
    return phonenumbers.is_valid_number(number) and number.national_number >= 10 ** (WHOLE_NUMBER - 1)


_TOO_LONG = "This is too long for a phone number; give one number, without an extension."


def _unreadable(error: NumberParseException, how: str) -> str:
    if error.error_type == NumberParseException.INVALID_COUNTRY_CODE:
        return f"No country has the code that this number begins with; {how}."
    if error.error_type == NumberParseException.TOO_LONG:
        return _TOO_LONG
    return f"This cannot be read as a phone number; {how}."


def _invalid(number: phonenumbers.PhoneNumber, how: str) -> str:
    possible = phonenumbers.is_possible_number_with_reason(number)
    if possible == ValidationResult.TOO_LONG:
        return _TOO_LONG
    if possible in (ValidationResult.TOO_SHORT, ValidationResult.IS_POSSIBLE_LOCAL_ONLY):
        return f"This is too short for a phone number; {how}."
    return f"There is no such phone number; {how}."


def _how(written: str, country: str) -> str:
    """How to correct the number."""
    if written.startswith(("+", "00")):
        return "check its country code and its digits"
    code = phonenumbers.country_code_for_region(country)
    return f"write it with its country code, as in +{code}…, or as dialed in {country}"
