"""Links: only those signed by us are accepted."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.links import VALID_FOR, Links, LinkSigner, Purpose

NOW = datetime(2026, 5, 4, 9, tzinfo=UTC)
SIGNER = LinkSigner(("new secret" * 4, "old secret" * 4))
LATER = NOW + timedelta(days=1)


@given(key=st.uuids(), purpose=st.sampled_from(Purpose))
def test_a_link_identifies_its_message_and_works_for_its_purpose_only(key: UUID, purpose: Purpose) -> None:
    token = SIGNER.sign(purpose, key, LATER)
    link = SIGNER.read(purpose, token, NOW)
    assert link is not None
    assert (link.message_id, link.expired) == (key, False)
    assert all(SIGNER.read(other, token, NOW) is None for other in Purpose if other is not purpose)


@given(key=st.uuids(), place=st.integers(0, 47), letter=st.sampled_from("abcXYZ019-_=.é\n"))
def test_a_modified_link_is_rejected(key: UUID, place: int, letter: str) -> None:
    token = SIGNER.sign(Purpose.REVIEW, key, LATER)
    changed = token[:place] + letter + token[place + 1 :]
    assert (SIGNER.read(Purpose.REVIEW, changed, NOW) is None) == (changed != token)


@given(token=st.text(max_size=80))
def test_any_other_text_is_rejected(token: str) -> None:
    assert SIGNER.read(Purpose.REVIEW, token, NOW) is None


def test_links_signed_with_an_older_secret_are_accepted_and_with_a_foreign_one_rejected() -> None:
    key = UUID(int=7)
    assert (
        SIGNER.read(Purpose.REVIEW, LinkSigner(("old secret" * 4,)).sign(Purpose.REVIEW, key, LATER), NOW) is not None
    )
    assert SIGNER.read(Purpose.REVIEW, LinkSigner(("stranger's" * 4,)).sign(Purpose.REVIEW, key, LATER), NOW) is None


@pytest.mark.parametrize(("after", "expired"), [(VALID_FOR - timedelta(microseconds=1), False), (VALID_FOR, True)])
def test_a_link_is_valid_for_180_days(after: timedelta, expired: bool) -> None:
    address = Links("https://example.com", SIGNER).unsubscribe(UUID(int=7), NOW)
    link = SIGNER.read(Purpose.UNSUBSCRIBE, address.rpartition("/")[2], NOW + after)
    assert link is not None
    assert link.expired is expired
