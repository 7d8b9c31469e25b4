"""Full names: which part is the first name, and which the last."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from models.rules.names import split_full_name


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Ben", ("Ben", None)),
        ("Ben Berg", ("Ben", "Berg")),
        ("Zoë van der Berg", ("Zoë", "van der Berg")),
        (" Ben \n Berg ", ("Ben", "Berg")),
        ("Ben NULL", ("Ben", None)),
        ("NULL Berg", (None, "Berg")),
        ("李 小龍", ("李", "小龍")),
    ],
)
def test_the_first_word_is_the_first_name(name: str, parts: tuple[str | None, str | None]) -> None:
    assert split_full_name(name) == parts


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Berg, Ben", ("Ben", "Berg")),
        ("Berg,Ben", ("Ben", "Berg")),
        ("Berg，Ben", ("Ben", "Berg")),
        ("Müller-Lüdenscheidt, Karl Otto", ("Karl Otto", "Müller-Lüdenscheidt")),
        ("von Berg, Ben", ("Ben", "von Berg")),
        ("de la Cruz, María José", ("María José", "de la Cruz")),
        ("'t Hooft, Gerard", ("Gerard", "'t Hooft")),
        ("Van, Thi", ("Thi", "Van")),
        ("Yo, Ma", ("Ma", "Yo")),
        ("Ewing, J.R.", ("J.R.", "Ewing")),
    ],
)
def test_one_family_name_before_a_comma_is_the_last_name(name: str, parts: tuple[str, str]) -> None:
    assert split_full_name(name) == parts


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Ben Berg, PhD", ("Ben", "Berg, PhD")),
        ("Ben Berg, Jr.", ("Ben", "Berg, Jr.")),
        ("Ben Berg, Carpenter", ("Ben", "Berg, Carpenter")),
        ("Ann Smith, Ben Smith", ("Ann", "Smith, Ben Smith")),
    ],
)
def test_a_whole_name_before_a_comma_stays_in_order(name: str, parts: tuple[str, str]) -> None:
    assert split_full_name(name) == parts


@pytest.mark.parametrize("suffix", ["Jr.", "Sr.", "III", "MD", "M.D.", "PhD", "Ph.D.", "M.A.", "Dr.", "Prof. Dr."])
def test_a_suffix_or_degree_is_never_a_first_name(suffix: str) -> None:
    assert split_full_name(f"Berg, {suffix}") == (None, f"Berg, {suffix}")


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Berg, Ben, Jr.", ("Ben", "Berg, Jr.")),
        ("Berg, Jr., Ben", ("Ben", "Berg, Jr.")),
        ("Berg, Ben MD", ("Ben", "Berg, MD")),
        ("Berg III, Ben", ("Ben", "Berg III")),
    ],
)
def test_a_suffix_stays_with_the_family_name(name: str, parts: tuple[str, str]) -> None:
    assert split_full_name(name) == parts


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Dr. Ben Berg", ("Dr. Ben", "Berg")),
        ("Prof. Dr. Anna Maria Klein", ("Prof. Dr. Anna", "Maria Klein")),
        ("Berg, Dr. Ben", ("Dr. Ben", "Berg")),
        ("Dr. Berg, Ben", ("Ben", "Dr. Berg")),
        ("Frau Berg", (None, "Frau Berg")),
        ("Dr.", (None, "Dr.")),
    ],
)
def test_a_title_stays_and_is_no_first_name_by_itself(name: str, parts: tuple[str | None, str]) -> None:
    assert split_full_name(name) == parts


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("#REF!", (None, None)),
        ("NULL, NULL", (None, None)),
        (",", (None, None)),
        ("", (None, None)),
        ("Berg, -", (None, "Berg")),
        ("Berg,", (None, "Berg")),
        (", Ben", ("Ben", None)),
        ("-, Ben", ("Ben", None)),
        ("Berg, Ben, Anna", (None, "Berg, Ben, Anna")),
    ],
)
def test_a_part_that_is_missing_stays_missing(name: str, parts: tuple[str | None, str | None]) -> None:
    assert split_full_name(name) == parts


WORD = st.sampled_from(
    ["Ben", "Berg", "Dr.", "Jr.", "PhD", "von", "NULL", "-", "#REF!", "J.R.", ",", ", ", "李", "\u202e"]
)


@example(",Dr. Ben,Berg")
@given(st.one_of(st.text(), st.lists(WORD, max_size=6).map(" ".join)))
def test_a_name_keeps_its_words_and_no_blank_part(text: str) -> None:
    first, last = split_full_name(text)
    assert "" not in (first, last)
    assert first is None or not first.endswith(",")
    for word in ("Ben", "Berg", "李", "PhD"):
        if word in text.split():
            assert word in f"{first} {last}"
