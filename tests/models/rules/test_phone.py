"""Phone numbers: how they are parsed, and why some are refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.errors import InvalidPhone
from models.rules.phone import normalize_phone

NATIONAL = "write it with its country code, as in +49…, or as dialed in DE."
INTERNATIONAL = "check its country code and its digits."


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("0151 1234 5678", ("+4915112345678", "015112345678")),
        ("+49 (0)151 1234-5678", ("+4915112345678", "015112345678")),
        ("0049 151 12345678", ("+4915112345678", "015112345678")),
        ("030/1234567", ("+49301234567", "0301234567")),
        ("030 - 12 34 567", ("+49301234567", "0301234567")),
        ("0201/123/4567", ("+492011234567", "02011234567")),
        ("+49 30 (1234567)", ("+49301234567", "0301234567")),
        ("030 12.34.56.00", ("+493012345600", "03012345600")),
        ("030 12345678.", ("+493012345678", "03012345678")),
        ("030 1234567-8", ("+493012345678", "03012345678")),
        ("030.123.4567", ("+49301234567", "0301234567")),
        ("+43 664 1234567", ("+436641234567", "06641234567")),
        ("٠١٥١١٢٣٤٥٦٧٨", ("+4915112345678", "015112345678")),
        ("4915123456785", ("+4915123456785", "015123456785")),
        ("491701234567", ("+491701234567", "01701234567")),
        ("15112345678", ("+4915112345678", "015112345678")),
    ],
)
def test_a_number_is_stored_in_e164_and_national_format(text: str, stored: tuple[str, str]) -> None:
    assert normalize_phone(text, "DE") == stored


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "This has no digits; write a phone number."),
        ("+", "This has no digits; write a phone number."),
        ("call me", "A phone number has no letters; give its digits alone, without words or an extension."),
        ("0151 12345678 ext 5", "A phone number has no letters; give its digits alone, without words or an extension."),
        ("030 12345678 #123", "Give the phone number without an extension."),
        ("201000,123", "Give the phone number without an extension."),
        ("030 22345678~12", "Give the phone number without an extension."),
        ("492112345678", "This begins with 49, which is also the country's code; write +49… or 0…."),
        ("12", f"This is too short for a phone number; {NATIONAL}"),
        ("110", f"This is too short for a phone number; {NATIONAL}"),
        ("+1 555 0100", f"This is too short for a phone number; {INTERNATIONAL}"),
        ("#31#0151 12345678", f"This cannot be read as a phone number; {NATIONAL}"),
        ("+999 123456", f"No country has the code that this number begins with; {INTERNATIONAL}"),
        ("1" * 40, "This is too long for a phone number; give one number, without an extension."),
        ("0999 9999999", f"There is no such phone number; {NATIONAL}"),
        ("+1 000 000 0000", f"There is no such phone number; {INTERNATIONAL}"),
        (
            "4.915112E+11",
            "A spreadsheet has rounded this number; format the column as text and enter the number again.",
        ),
        ("030 12345678 / 030 12345679", "Give one phone number, not several."),
    ],
)
def test_a_refusal_explains_what_is_wrong(text: str, sentence: str) -> None:
    with pytest.raises(InvalidPhone) as refused:
        normalize_phone(text, "DE")
    assert (refused.value.message, refused.value.field) == (sentence, ["phone"])


@pytest.mark.parametrize(
    "text",
    [
        "493012345678.0",
        "493012345678,00",
        "493012345678.000",
        "030 12345678.0",
        "030 12345678,0",
        "030 123 456.0",
        "(030) 12345678.0",
        "030/12345678.0",
        "030.12345678.0",
        "'493012345678.0",
        "493012345678.0;",
    ],
)
def test_a_number_with_a_decimal_place_is_refused_rather_than_lengthened(text: str) -> None:
    with pytest.raises(InvalidPhone, match="has made this a decimal number"):
        normalize_phone(text, "DE")


@pytest.mark.parametrize(
    "text",
    [
        "030-12345678/9",
        "030-12345678/90",
        "030-12345678/901",
        "030 1234567 (8)",
        "030 12345678*9",
        "030 12345678.9",
        "030 12345678,12",
        "030 123 456.7",
        "030 1234567 & 8",
        "030 1234567\n7654321",
        "+49 151 12345678 ::: +49 30 1234567",
        "030 12345678 / 030 12345679",
    ],
)
def test_a_second_number_is_refused_rather_than_appended(text: str) -> None:
    with pytest.raises(InvalidPhone, match="Give one phone number, not several"):
        normalize_phone(text, "DE")


WRITTEN = st.sampled_from(
    ["+493012345678", "493012345678", "03012345678", "030 12345678", "030/12345678", "(030) 12345678"]
)


@given(WRITTEN, st.sampled_from([".", ","]), st.from_regex(r"0{1,4}|[1-9]\d?", fullmatch=True))
def test_decimal_places_never_lead_to_another_number(written: str, point: str, places: str) -> None:
    with pytest.raises(InvalidPhone):
        normalize_phone(written + point + places, "DE")


@given(st.one_of(st.text(max_size=40), st.from_regex(r"[+0-9()/ .,-]{0,25}")), st.sampled_from(["DE", "US", "IT"]))
def test_any_accepted_number_is_normalized(text: str, country: str) -> None:
    try:
        stored = normalize_phone(text, country)
    except InvalidPhone:
        return
    assert normalize_phone(stored[0], country) == stored
    assert stored[1].isdigit()
