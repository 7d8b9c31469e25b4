"""Which addresses lead to the same mailbox."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.connection import WORK, fetch, pool

pytestmark = pytest.mark.usefixtures("db")


async def mailboxes(addresses: list[str]) -> list[str]:
    query = "select public.plaudit_mailbox(t) from unnest($1::text[]) with ordinality as t (t, place) order by place"
    return [row[0] for row in await fetch(pool(WORK), query, addresses)]


@pytest.mark.parametrize(
    ("address", "mailbox"),
    [
        ("ann@example.org", "ann@example.org"),
        ("ann+shop@example.org", "ann@example.org"),
        ("ann+shop+2026@example.org", "ann@example.org"),
        ("ann.smith@example.org", "ann.smith@example.org"),
        ("ann.smith+shop@gmail.com", "annsmith@gmail.com"),
        ("a.n.n@googlemail.com", "ann@gmail.com"),
        ("ann.smith@gmail.com.example.org", "ann.smith@gmail.com.example.org"),
        ("ann.smith@notgmail.com", "ann.smith@notgmail.com"),
        ("+ann@example.org", "+ann@example.org"),
        ("ann@xn--80a1acny.xn--p1ai", "ann@xn--80a1acny.xn--p1ai"),
        ("+4915112345678", "+4915112345678"),
    ],
)
async def test_tags_and_gmails_dots_do_not_make_another_mailbox(address: str, mailbox: str) -> None:
    assert await mailboxes([address]) == [mailbox]


def expected(address: str) -> str:
    """The same rule, written with string operations."""
    local, at, domain = address.partition("@")
    name, plus, _ = local.partition("+")
    kept = local if plus and (not name or not at) else name
    if domain in ("gmail.com", "googlemail.com"):
        return f"{kept.replace('.', '')}@gmail.com"
    return f"{kept}{at}{domain}"


LOCAL = st.text("ab.+-_1", min_size=1, max_size=12)
DOMAIN = st.sampled_from(["gmail.com", "googlemail.com", "example.org", "mail.gmail.com", "xn--80a1acny.xn--p1ai"])
ADDRESS = st.one_of(st.builds("{}@{}".format, LOCAL, DOMAIN), st.from_regex(r"\+[0-9]{6,14}", fullmatch=True))


@given(st.lists(ADDRESS, min_size=1, max_size=30))
@settings(max_examples=50)
async def test_the_database_follows_the_rule_and_a_mailbox_is_its_own(addresses: list[str]) -> None:
    found = await mailboxes(addresses)
    assert found == [expected(address) for address in addresses]
    assert await mailboxes(found) == found
