"""Return addresses are read back, whatever relays make of them, and only those that were made here."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.bounces import LONGEST_MAILBOX, BounceAddresses, check_mailbox
from models.rules.email import LONGEST_LOCAL_PART

OURS = BounceAddresses("bounces@example.org", ("new secret" * 4, "old secret" * 4))
KEY = UUID(int=7)


@given(st.uuids())
def test_an_address_names_its_message_in_any_case(key: UUID) -> None:
    address = OURS.address(key)
    assert OURS.read(address) == OURS.read(address.upper()) == key


@given(st.uuids(), st.from_regex(r"[a-z]{1,11}", fullmatch=True))
def test_an_address_has_a_local_part_that_every_relay_takes(key: UUID, local: str) -> None:
    check_mailbox(f"{local}@example.org")
    made, _, domain = BounceAddresses(f"{local}@example.org", ("s" * 32,)).address(key).rpartition("@")
    assert len(made) <= LONGEST_LOCAL_PART
    assert (made.startswith(f"{local}+"), domain) == (True, "example.org")


def test_an_address_of_an_older_secret_is_read() -> None:
    assert OURS.read(BounceAddresses("bounces@example.org", ("old secret" * 4,)).address(KEY)) == KEY


@given(st.data())
def test_an_address_that_differs_in_one_letter_is_not_ours(data: st.DataObject) -> None:
    address = OURS.address(KEY)
    at = data.draw(st.integers(0, len(address) - 1))
    other = data.draw(st.sampled_from("abcdefghijklmnopqrstuvwxyz234567+@.-_").filter(lambda one: one != address[at]))
    assert OURS.read(address[:at] + other + address[at + 1 :]) is None


@given(st.text(max_size=120) | st.from_regex(r"bounces\+[a-z2-7]{52}@example\.org", fullmatch=True))
def test_what_was_not_made_here_is_not_read(address: str) -> None:
    assert OURS.read(address) is None


@pytest.mark.parametrize("secret", ["another" * 5, "s" * 32])
def test_a_forged_address_is_not_read(secret: str) -> None:
    assert OURS.read(BounceAddresses("bounces@example.org", (secret,)).address(KEY)) is None


@pytest.mark.parametrize("address", ["b" * (LONGEST_MAILBOX + 1) + "@example.org", "a+b@example.org"])
def test_a_mailbox_without_room_for_the_key_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="before the @"):
        check_mailbox(address)
