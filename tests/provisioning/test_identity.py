"""Which account an entry is: by its key, by the one before, or a new one that may look like another."""

import pytest

import models
from provisioning import apply
from tests.provisioning.bakery import BAKERY, changed, wrong

RENAMED = changed("key: bakery\n", "key: kornblume\n    previousKey: bakery\n")
OTHER = changed("key: bakery\n", "key: kornblume\n")


async def keys() -> list[str]:
    return sorted([account.key for account in await models.Account.all()])


async def test_an_account_is_renamed_and_keeps_all_that_it_has() -> None:
    await apply(BAKERY)
    before = await models.Account.get(key="bakery")
    assert (await apply(RENAMED)).made == ["account kornblume: renamed from bakery"]
    assert (await models.Account.get(key="kornblume")).id == before.id
    assert await keys() == ["kornblume"]


async def test_a_file_that_renames_is_applied_twice() -> None:
    await apply(BAKERY)
    await apply(RENAMED)
    assert (await apply(RENAMED)).made == []


async def test_a_renamed_account_is_changed_in_the_same_run() -> None:
    await apply(BAKERY)
    applied = await apply(changed("name: Bakery\n", "name: Kornblume\n", RENAMED))
    assert applied.made == ["account kornblume: renamed from bakery", "account kornblume: name Bakery → Kornblume"]


async def test_another_key_for_an_account_of_the_same_name_is_asked_about() -> None:
    await apply(BAKERY)
    words = (
        "no account has the key kornblume, but bakery has the same name. If it is this account, add previousKey: bakery to "
        "rename it; if it is another one, add new: true."
    )
    assert await wrong(changed("name: Bakery\n", "name: BAKERY\n", OTHER)) == [(2, words)]
    assert await keys() == ["bakery"]


async def test_another_key_and_name_for_an_account_with_the_same_location_is_asked_about() -> None:
    await apply(BAKERY)
    ((line, words),) = await wrong(changed("name: Bakery\n", "name: Kornblume\n", OTHER))
    assert (line, "bakery has a location with the same name and sender" in words) == (2, True)


async def test_a_new_account_may_look_like_another_one_if_the_file_says_so() -> None:
    await apply(BAKERY)
    text = changed("key: bakery\n", "key: kornblume\n    new: true\n")
    assert "account kornblume: new" in (await apply(text)).made
    assert (await apply(text)).made == []
    assert await keys() == ["bakery", "kornblume"]


async def test_a_new_account_may_look_like_another_one_of_the_file() -> None:
    await apply(BAKERY)
    await apply(BAKERY + OTHER.removeprefix("accounts:\n"))
    assert await keys() == ["bakery", "kornblume"]


async def test_a_file_with_a_previous_key_makes_the_account_on_an_empty_database() -> None:
    assert "account kornblume: new" in (await apply(RENAMED)).made


async def test_a_wrong_previous_key_makes_no_second_account() -> None:
    await apply(BAKERY)
    ((line, words),) = await wrong(changed("previousKey: bakery", "previousKey: bakerry", RENAMED))
    assert (line, "bakery has the same name" in words) == (2, True)


async def test_an_account_of_another_kind_is_another_one() -> None:
    await apply(BAKERY)
    await apply("accounts: [{key: b, name: Bakery, kind: AGENCY, plan: FREE, timeZone: UTC, country: DE}]")
    assert await keys() == ["b", "bakery"]


@pytest.mark.parametrize(
    ("lines", "line", "words"),
    [
        ("previousKey: old", 3, "there are accounts with both keys, old and bakery; leave previousKey out."),
        ("previousKey: bakery", 3, "bakery is the key of an account in this file"),
        ("previousKey: old\n    new: true", 3, "an account is either renamed or new"),
    ],
)
async def test_a_previous_key_that_does_not_fit_is_refused(lines: str, line: int, words: str) -> None:
    await apply("accounts: [{key: old, name: Old, plan: FREE, timeZone: UTC, country: DE}]")
    if "both" in words:
        await apply(BAKERY)
    found = await wrong(changed("key: bakery\n", f"key: bakery\n    {lines}\n"))
    assert [place for place, said in found if words in said] == [line]


async def test_a_previous_key_of_two_accounts_is_refused() -> None:
    entry = "  - {key: %s, previousKey: old, name: N, plan: FREE, timeZone: UTC, country: DE}\n"
    found = await wrong("accounts:\n" + entry % "one" + entry % "two")
    assert (3, "one has the previousKey old too; only one account can have had it.") in found
