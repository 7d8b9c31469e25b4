"""Who can be invited, by what is known of their addresses."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from models.rules.eligibility import Known, Terms, usable_channels
from models.rules.enums import Channel
from models.rules.errors import AlreadyActive, MissingContact, RecentlyInvited, Refusal, Suppressed

NOW = datetime(2026, 5, 4, 9, tzinfo=UTC)
HERE, THERE = uuid4(), uuid4()
EMAIL, SMS = Channel.EMAIL, Channel.SMS
BOTH = Terms(HERE, {EMAIL, SMS}, [EMAIL, SMS], timedelta(days=30))
NEW, DEAD = Known(), Known(is_suppressed=True)


def refusal(known: Mapping[Channel, Known], terms: Terms = BOTH) -> Refusal:
    with pytest.raises(Refusal) as raised:
        usable_channels(terms, known, NOW)
    return raised.value


def sent(days: float, place: UUID = HERE) -> Known:
    return Known(sent_at=NOW - timedelta(days=days), sent_from=place)


def place_of(refused: Refusal) -> UUID:
    assert refused.elsewhere is not None
    return refused.elsewhere.location_id


def test_a_person_is_reached_on_every_channel_with_an_address() -> None:
    assert usable_channels(BOTH, {EMAIL: NEW, SMS: NEW}, NOW) == {EMAIL, SMS}
    assert usable_channels(BOTH, {SMS: NEW}, NOW) == {SMS}


def test_a_suppressed_address_is_left_out() -> None:
    assert usable_channels(BOTH, {EMAIL: DEAD, SMS: NEW}, NOW) == {SMS}


def test_who_has_only_suppressed_addresses_is_refused() -> None:
    assert isinstance(refusal({EMAIL: DEAD, SMS: DEAD}), Suppressed)


@pytest.mark.parametrize(
    ("sequence", "wanted", "field", "words"),
    [
        ({EMAIL, SMS}, [EMAIL], ["email"], "Give an e-mail address, or choose another channel."),
        ({EMAIL, SMS}, [EMAIL, SMS], ["email"], "Give an e-mail address or a phone number, or choose another channel."),
        ({EMAIL}, [SMS], ["phone"], "This location's sequence has no SMS step; choose another channel."),
        ({EMAIL}, [EMAIL, SMS], ["email"], "Give an e-mail address, or choose another channel."),
    ],
)
def test_what_is_missing_is_named(sequence: set[Channel], wanted: list[Channel], field: list[str], words: str) -> None:
    missing = refusal({}, replace(BOTH, sequence=sequence, wanted=wanted))
    assert isinstance(missing, MissingContact)
    assert (missing.field, missing.message) == (field, words)


def test_the_history_of_a_suppressed_address_does_not_count() -> None:
    old = Known(is_suppressed=True, open_at=HERE, sent_at=NOW, sent_from=HERE)
    assert usable_channels(BOTH, {EMAIL: old, SMS: NEW}, NOW) == {SMS}


def test_an_open_invitation_on_any_channel_refuses() -> None:
    assert isinstance(refusal({EMAIL: NEW, SMS: Known(open_at=THERE)}), AlreadyActive)


def test_of_several_open_invitations_the_one_here_is_the_reason() -> None:
    assert place_of(refusal({EMAIL: Known(open_at=THERE), SMS: Known(open_at=HERE)})) == HERE
    assert place_of(refusal({EMAIL: Known(open_at=HERE), SMS: Known(open_at=THERE)})) == HERE


def test_the_cool_down_ends_to_the_second() -> None:
    assert isinstance(refusal({EMAIL: sent(29.99)}), RecentlyInvited)
    assert usable_channels(BOTH, {EMAIL: sent(30)}, NOW) == {EMAIL}


def test_the_last_invitation_counts_and_says_when_again() -> None:
    refused = refusal({EMAIL: sent(40), SMS: sent(3, THERE)})
    assert refused.message == "This address was invited on 2026-05-01; it can be invited again from 2026-05-31."
    assert place_of(refused) == THERE


def test_of_two_invitations_sent_together_the_one_here_is_the_reason() -> None:
    assert place_of(refusal({EMAIL: sent(3, THERE), SMS: sent(3)})) == HERE
    assert place_of(refusal({EMAIL: sent(3), SMS: sent(3, THERE)})) == HERE


def test_without_a_cool_down_people_are_invited_again_at_once() -> None:
    assert usable_channels(replace(BOTH, cool_down=timedelta()), {EMAIL: sent(0)}, NOW) == {EMAIL}
