"""Folding text for search: every character, and rows stored before the fold changed."""

import asyncio
import sys
from unicodedata import category, combining, name, normalize

import asyncpg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tortoise.context import TortoiseContext
from tortoise.migrations.api.migrate import migrate

from models.connection import WORK, fetch, pool
from plaudit import database
from tests.conftest import make_database

pytestmark = pytest.mark.usefixtures("db")
CHARACTERS = [chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code < 0xE000]
CASED = [one for one in CHARACTERS if len({one, one.upper(), one.lower(), one.casefold()}) > 1]
LETTERS = [one for one in CHARACTERS if category(one)[0] in "LMN"]
COMBINING_CLASSES = {1, *range(10, 37), *range(200, 241)}
SCRIPTS = ("COMBINING", "HEBREW", "ARABIC", "SYRIAC", "DEVANAGARI STRESS")
"""Name prefixes of marks used in names in these scripts, or in any script."""
MARKS = [
    one
    for one in CHARACTERS
    if one < "\U00010000"
    and combining(one) in COMBINING_CLASSES
    and name(one, "").startswith(SCRIPTS)
    and one != "\N{COMBINING GREEK YPOGEGRAMMENI}"
]


async def folded(texts: list[str]) -> list[str]:
    query = "select public.plaudit_fold(t) from unnest($1::text[]) with ordinality as t (t, place) order by place"
    return [row[0] for row in await fetch(pool(WORK), query, texts)]


async def differing(texts: list[str], others: list[str]) -> list[tuple[str, str]]:
    pairs = zip(texts, others, await folded(texts), await folded(others), strict=True)
    return [(one, other) for one, other, this, that in pairs if this != that]


@pytest.mark.parametrize("change", [str.upper, str.lower, str.casefold, str.title, str.swapcase])
async def test_case_is_ignored_for_every_character(change: object) -> None:
    assert callable(change)
    assert await differing(CASED, [change(one) for one in CASED]) == []


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
async def test_unicode_normalization_is_ignored_for_every_letter(form: str) -> None:
    others = [normalize(form, one) for one in LETTERS]  # type: ignore[arg-type] # mypy knows literals only
    assert await differing(LETTERS, others) == []


async def test_marks_that_do_not_form_another_letter_are_removed() -> None:
    assert len(MARKS) > 300
    assert await differing([f"a{mark}b" for mark in MARKS], ["ab"] * len(MARKS)) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ΣΊΣΥΦΟΣ Σίσυφος", "σισυφοσ σισυφοσ"),
        ("Straße STRASSE", "strasse strasse"),
        ("İSTANBUL ISPARTA ısparta", "istanbul isparta isparta"),
        ("أَحْمَد أحـــمد", "احمد احمد"),
        ("שָׁלוֹם", "שלום"),
        ("Łukasz Ørsted Đurić Æsir œuvre", "lukasz orsted duric aesir oeuvre"),
        ("O'Neil-Smith, Jr.", "oneilsmith jr"),
        ("が か 김 花子", "が か 김 花子"),
        ("ﬁ Ⅻ ＡＢ", "fi xii ab"),
    ],
)
async def test_texts_that_people_consider_the_same_are_folded_to_one(text: str, found: str) -> None:
    assert await folded([text]) == [found]


TEXTS = st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20), max_size=20)


@given(TEXTS)
@settings(max_examples=50)
async def test_folding_is_idempotent_and_ignores_normalization(texts: list[str]) -> None:
    once = await folded(texts)
    assert await folded(once) == once
    assert await folded([normalize("NFD", text) for text in texts]) == once


LABELS = st.text(st.characters(min_codepoint=0x61, exclude_categories=["Cs", "Cn", "Co"]), min_size=1, max_size=20)


@given(st.lists(LABELS, min_size=1, max_size=20))
@settings(max_examples=50)
async def test_punycode_is_decoded_as_in_python(labels: list[str]) -> None:
    written = [label.encode("punycode").decode() for label in labels]
    query = "select public.plaudit_punycode(t) from unnest($1::text[]) with ordinality as t (t, place) order by place"
    assert [row[0] for row in await fetch(pool(WORK), query, written)] == labels


@given(st.lists(st.text("abcxyz019-", max_size=63), min_size=1, max_size=50))
@settings(max_examples=50)
async def test_no_label_causes_an_error(labels: list[str]) -> None:
    query = "select public.plaudit_email_shown('ann@xn--' || t || '.de') from unnest($1::text[]) as t"
    assert len(await fetch(pool(WORK), query, labels)) == len(labels)


@pytest.mark.parametrize(
    ("email", "shown"),
    [
        ("ann@sub.xn--mller-kva.xn--p1ai", "ann@sub.müller.рф"),
        ("ann@xn--99999999.de", "ann@xn--99999999.de"),
        ("ann@example.org", None),
        ("xn--mller-kva@example.org", None),
    ],
)
async def test_an_internationalized_domain_is_shown_decoded(email: str, shown: str | None) -> None:
    (row,) = await fetch(pool(WORK), "select public.plaudit_email_shown($1)", email)
    assert row[0] == shown


OLD = """
insert into account (id, key, name, kind, plan, time_zone, anchor_day, country, language, overrides, created_at)
values (uuidv7(), 'old', 'ΟΔΟΣ', 'AGENCY_CLIENT', 'FREE', 'UTC', 1, 'DE', 'en', '{}', now());
insert into agency_client (account_id, agency_id, name_key, cycle_starts_on, resets_at, invited, allowance, nps_submitted,
  promoters, detractors, rated, rating_sum)
select id, id, public.plaudit_fold(name), '-infinity', '-infinity', 0, 0, 0, 0, 0, 0, 0 from account;
insert into location (id, account_id, key, name, time_zone, country, language, email_from_hour, email_until_hour, sms_from_hour,
  sms_until_hour, cool_down_days, answer_window_days, goals, created_at)
select uuidv7(), id, 'old', 'Old', 'UTC', 'DE', 'en', 9, 19, 10, 20, 0, 30, '{}', now() from account;
insert into customer (id, account_id, location_id, first_name, last_name, email, source, invited_on, created_at)
select uuidv7(), account_id, id, 'Σίσυφος', 'أَحْمَد', 'ann@xn--mller-kva.de', 'Web', now(), now() from location;
"""
KEPT = "select search, first_name_key, last_name_key, (select name_key from agency_client) as name_key from customer"


async def test_existing_rows_are_folded_again_by_the_migration(worker_id: str) -> None:
    url = await make_database(f"plaudit_{worker_id}_before", "template0")
    await asyncio.create_task(migrate_to(url, "models.0005_sender_complete"))
    connection = await asyncpg.connect(url)
    await connection.execute(OLD)
    assert (await connection.fetchrow(KEPT))["first_name_key"] == "σισυφος"
    await database.migrate(url)
    row = await connection.fetchrow(KEPT)
    indexes = await connection.fetch("select indexname from pg_indexes where tablename = 'customer'")
    await connection.close()
    assert row["search"].split() == ["σισυφοσ", "احمد", "annxnmllerkvade", "annmullerde"]
    assert (row["first_name_key"], row["last_name_key"], row["name_key"]) == ("σισυφοσ", "احمد", "οδοσ")
    assert {"customer_search", "customer_first_name", "customer_last_name_back"} <= {
        one["indexname"] for one in indexes
    }


async def migrate_to(url: str, target: str) -> None:
    async with TortoiseContext():
        await migrate(config=database.config(url, only={"lock_timeout": "5s"}, size=2), target=target)
