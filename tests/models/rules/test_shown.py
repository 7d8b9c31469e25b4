"""Which domains are shown in their own script, and which would mislead."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.domain import ascii_domain
from models.rules.email import normalize_email
from models.rules.shown import shown_domain, shown_email

ALPHABETS = (
    "aäöüßéèçñø",
    "ąćęłńśźż",
    "бвгджзийклмнп",
    "βγδεζηθ",
    "例子中国会社",
    "あいうかがー",
    "가나다라",
    "กขคงจ",
    "कखगघ",
    "אבגדה",
    "اسطحج",
)
WORD = st.one_of(*(st.text(alphabet, min_size=1, max_size=8) for alphabet in ALPHABETS))
LABEL = st.one_of(
    WORD, st.text("aäкα1א例-", min_size=1, max_size=6), st.sampled_from(["xn--ls8h", "xn--80ak6aa92e", "a1", "1a"])
)


def stored(domain: str) -> str | None:
    try:
        return ascii_domain(domain)
    except ValueError:
        return None


@pytest.mark.parametrize(
    "address",
    [
        "anna@bücher.example",
        "ann@faß.de",
        "ann@paral·lel.cat",
        "ann@mail.bücher.example",
        "info@пример.рф",
        "info@соус.рф",
        "info@例え。テスト".replace("。", "."),
        "info@佐々木ラーメン.jp",
        "info@例子.中国",
        "info@삼성abc.한국",
        "info@παράδειγμα.ευ",
        "info@مثال.السعودية",
        "info@אתר.com",
        "ann@example.org",
        "+4915112345678",
    ],
)
def test_an_address_is_shown_as_it_was_typed(address: str) -> None:
    assert shown_email(normalize_email(address) if "@" in address else address) == address


def test_capitals_are_shown_in_lower_case() -> None:
    assert shown_email(normalize_email("Anna@BÜCHER.ПРИМЕР.РФ")) == "anna@bücher.пример.рф"


def test_a_half_hidden_address_has_its_domain_shown() -> None:
    assert shown_email("a***@xn--bcher-kva.example") == "a***@bücher.example"


@pytest.mark.parametrize(
    ("word", "why"),
    [
        ("p\u0430ypal", "Cyrillic and Latin"),
        ("\u0430\u0440\u0440\u04cf\u0435", "Cyrillic letters that look like Latin ones"),
        ("goo\u0261le", "a phonetic letter"),
        ("bank\u01c3", "a click that looks like an exclamation mark"),
        ("b\u0332ank", "a mark that is not part of a letter"),
        ("βankю", "Greek and Cyrillic"),
        ("\u13a0\u13a1", "a script that is not in everyday use"),
        ("💩", "an emoji"),
    ],
)
def test_a_label_that_could_mislead_stays_as_it_is_stored(word: str, why: str) -> None:
    label = f"xn--{word.encode('punycode').decode('ascii')}"
    assert normalize_email(f"ann@{label}.com") == f"ann@{label}.com"
    assert shown_domain(f"{label}.com") == f"{label}.com", why


def test_the_other_labels_are_shown() -> None:
    assert shown_domain("xn--80ak6aa92e.xn--bcher-kva.com") == "xn--80ak6aa92e.bücher.com"


def test_a_domain_that_could_not_be_typed_so_stays_as_it_is_stored() -> None:
    assert shown_domain("xn--ls8h.xn--bcher-kva.com") == "xn--ls8h.xn--bcher-kva.com"


def test_letters_like_latin_ones_mislead_only_below_a_latin_top_level() -> None:
    assert shown_domain("xn--80ak6aa92e.com") == "xn--80ak6aa92e.com"
    assert shown_domain("xn--80ak6aa92e.xn--p1ai") == "\u0430\u0440\u0440\u04cf\u0435.рф"
    assert shown_domain("example.xn--n1af") == "example.xn--n1af"


def test_a_domain_whose_labels_would_change_places_stays_as_it_is_stored() -> None:
    hebrew = "xn--4dbrk0ce"
    assert shown_domain(f"{hebrew}.example") == "ישראל.example"
    assert shown_domain(f"{hebrew}.1a.example") == f"{hebrew}.1a.example"


@given(st.lists(LABEL, min_size=1, max_size=3), st.sampled_from(["com", "рф", "中国", "ישראל", "xn--ls8h"]))
def test_what_is_shown_can_be_typed_and_is_the_same_address(labels: list[str], top: str) -> None:
    domain = stored(".".join([*labels, top]))
    if domain is not None:
        shown = shown_email(f"anna@{domain}")
        assert normalize_email(shown) == f"anna@{domain}"
        assert shown_email(shown) == shown


@given(WORD)
def test_words_of_one_script_are_shown_as_they_were_typed(word: str) -> None:
    domain = stored(f"{word}.example")
    if domain is not None:
        assert shown_domain(domain) == f"{word}.example"
