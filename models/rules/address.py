"""One grammar for what people are called and where they are reached: e-mail addresses, phone numbers, names."""

import re
import unicodedata

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from models.rules.errors import Invalid, InvalidEmail, InvalidPhone

LONGEST_TEXT = 200
_PLAIN_EMAIL = re.compile(
    r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}"
)
_SCIENTIFIC = re.compile(r"\d[.,]?\d*[eE]\+?\d+")
_SPACES = re.compile(r"\s+")


def clean(text: str | None) -> str | None:
    """One line in NFC without control characters; None for nothing. Names in any script stay whole."""
    if text is None:
        return None
    spaced = _SPACES.sub(" ", unicodedata.normalize("NFC", text))
    kept = "".join(letter for letter in spaced if unicodedata.category(letter) not in ("Cc", "Cs"))
    return kept.strip() or None


def clean_short(text: str | None, name: str) -> str | None:
    """As `clean`; refuses what is longer than a name, service or source ever is."""
    kept = clean(text)
    if kept is not None and len(kept) > LONGEST_TEXT:
        raise Invalid(f"{name} is longer than {LONGEST_TEXT} characters.", [name])
    return kept


def normalise_email(text: str) -> str:
    """Lower case, ASCII only, since not every relay takes other addresses (RFC 6531). Raises InvalidEmail."""
    address = text.strip().lower()
    if len(address) <= 254 and address.find("@") <= 64 and _PLAIN_EMAIL.fullmatch(address):
        return address
    try:
        # A domain in another script has an ASCII form; a local part has none.
        found = validate_email(address, check_deliverability=False, strict=True, allow_quoted_local=False)
    except EmailNotValidError as error:
        raise InvalidEmail(f"This is not an e-mail address: {error}", ["email"]) from error
    if found.ascii_email is None or not _PLAIN_EMAIL.fullmatch(found.ascii_email):
        raise InvalidEmail("An e-mail address may have only ASCII letters before its @.", ["email"])
    return found.ascii_email


def normalise_phone(text: str, country: str) -> tuple[str, str]:
    """E.164, and the digits as dialled at home in the number's own country. Raises InvalidPhone."""
    written = text.strip()
    if _SCIENTIFIC.fullmatch(written):
        raise InvalidPhone(
            "A spreadsheet has rounded this number; format the column as text and enter the number anew.", ["phone"]
        )
    try:
        number = phonenumbers.parse(written, country)
    except phonenumbers.NumberParseException as error:
        raise InvalidPhone(f"This is not a phone number: {error}", ["phone"]) from error
    if any(letter.isalpha() for letter in written) or not phonenumbers.is_valid_number(number):
        raise InvalidPhone(
            f"No such phone number exists; write it with its country, as in +49…, or as dialled in {country}.",
            ["phone"],
        )
    national = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164), re.sub(r"\D", "", national)


def email_or_none(text: str | None) -> str | None:
    """None for blanks. Raises InvalidEmail."""
    return normalise_email(text) if text and clean(text) else None


def phone_or_none(text: str | None, country: str) -> tuple[str | None, str | None]:
    """As `normalise_phone`; None for blanks. Raises InvalidPhone."""
    return normalise_phone(text, country) if text and clean(text) else (None, None)


def split_full_name(name: str) -> tuple[str | None, str | None]:
    """First word and the rest; "Last, First" is understood."""
    cleaned = clean(name)
    if cleaned is None:
        return None, None
    last, comma, first = cleaned.partition(",")
    if comma and first.strip():
        return first.strip(), last.strip() or None
    first, _, last = cleaned.partition(" ")
    return first, last.strip() or None
