"""Whether a person can be invited, and on which channels, by what the account knows of their addresses."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from models.rules.enums import Channel
from models.rules.errors import (
    CANNOT_BE_INVITED,
    AlreadyActive,
    Elsewhere,
    MissingContact,
    RecentlyInvited,
    Suppressed,
)

_ADDRESS = {Channel.EMAIL: "an e-mail address", Channel.SMS: "a phone number"}


@dataclass(frozen=True, slots=True)
class Known:
    """What an account knows of an address: whether it is suppressed, a location with an open invitation to it, and when and
    from which location the last one was sent."""

    is_suppressed: bool = False
    open_at: UUID | None = None
    sent_at: datetime | None = None
    sent_from: UUID | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """What a location demands: the channels of its sequence, as far as the plan includes its steps; those that were asked
    for; and how long an address is left alone."""

    location_id: UUID
    sequence: Collection[Channel]
    wanted: Sequence[Channel]
    cool_down: timedelta


def usable_channels(terms: Terms, known: Mapping[Channel, Known], now: datetime) -> frozenset[Channel]:
    """The channels on which a person with these addresses can be invited. Raises MissingContact, Suppressed, AlreadyActive or
    RecentlyInvited."""
    field = ["email"] if Channel.EMAIL in terms.wanted else ["phone"]
    reached = [channel for channel in terms.wanted if channel in terms.sequence and channel in known]
    if not reached:
        raise MissingContact(_what_is_missing(terms), field)
    usable = frozenset(channel for channel in reached if not known[channel].is_suppressed)
    if not usable:
        raise Suppressed("This customer has opted out and can't be contacted.", field)
    _check_history(terms, [known[channel] for channel in usable], field, now)
    return usable


def _what_is_missing(terms: Terms) -> str:
    wanted = [channel for channel in terms.wanted if channel in terms.sequence]
    if not wanted:
        return f"This location's sequence has no {' or '.join(terms.wanted)} step; choose another channel."
    return f"Give {' or '.join(_ADDRESS[channel] for channel in wanted)}, or choose another channel."


def _check_history(terms: Terms, known: Sequence[Known], field: list[str], now: datetime) -> None:
    """Where several locations are the reason, it is the one where the person is to be invited."""
    if places := [one.open_at for one in known if one.open_at]:
        place = terms.location_id if terms.location_id in places else places[0]
        words = "An open invitation to this address already exists; stop it, restart it or wait for it to end."
        raise AlreadyActive(words, field, elsewhere=Elsewhere(place, CANNOT_BE_INVITED))
    sent = [(one.sent_at, one.sent_from == terms.location_id, one.sent_from) for one in known if one.sent_at]
    last, _, sent_from = max(sent, default=(None, False, None), key=lambda one: one[:2])
    if last and sent_from and now < last + terms.cool_down:
        again = (last + terms.cool_down).date()
        words = f"This address was invited on {last.date()}; it can be invited again from {again}."
        raise RecentlyInvited(words, field, elsewhere=Elsewhere(sent_from, CANNOT_BE_INVITED))
