"""The zone that a phone number tells, and the hours that follow from it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat, PhoneNumberType, timezone
from phonenumbers.tzdata import TIMEZONE_DATA

from models.rules.enums import Channel
from models.rules.recipient_zone import _zone_of, _zones, recipient_zone
from models.rules.sequence import RecipientZone, SendWindow, send_windows

BERLIN, SYDNEY = "Europe/Berlin", "Australia/Sydney"
EVERY_ZONES = sorted(set(TIMEZONE_DATA.values()))


def hours(zone: str, email: tuple[int, int] = (9, 19), sms: tuple[int, int] = (10, 20)) -> dict[str, object]:
    return {
        "time_zone": zone,
        "email_from_hour": email[0],
        "email_until_hour": email[1],
        "sms_from_hour": sms[0],
        "sms_until_hour": sms[1],
    }


@pytest.mark.parametrize(
    ("phone", "home", "zone"),
    [
        ("+12125550199", BERLIN, RecipientZone("America/New_York", 0)),
        ("+4915112345678", BERLIN, RecipientZone(BERLIN, 0)),
        ("+4915112345678", SYDNEY, RecipientZone(BERLIN, 0)),
        ("+447911123456", BERLIN, RecipientZone("Europe/Guernsey", 0)),  # four zones, one clock
        ("+34612345678", BERLIN, RecipientZone("Europe/Madrid", 1)),  # or the Canary Islands
        ("+34612345678", "Atlantic/Canary", None),
        ("+61412345678", BERLIN, RecipientZone("Australia/Lord_Howe", 5)),
        ("+61412345678", SYDNEY, None),
        ("+18005550199", "America/Chicago", None),
        ("+80012345678", BERLIN, None),  # of no country
        (None, BERLIN, None),
    ],
)
def test_a_number_tells_its_zone_unless_it_may_be_from_the_locations(
    phone: str | None, home: str, zone: RecipientZone | None
) -> None:
    assert recipient_zone(phone, home, 2026) == zone


def test_the_zones_are_those_of_the_library_in_every_country() -> None:
    types = PhoneNumberType.values()
    numbers = [
        phonenumbers.example_number_for_type(region, kind)
        for region in phonenumbers.SUPPORTED_REGIONS
        for kind in types
    ]
    given = [number for number in numbers if number is not None]
    written = [phonenumbers.format_number(number, PhoneNumberFormat.E164) for number in given]
    assert len(given) > 1000
    assert [tuple(_zones(one)) for one in written] == [timezone.time_zones_for_number(number) for number in given]


def test_hours_are_local_to_the_recipient() -> None:
    windows = send_windows(hours(BERLIN), RecipientZone("America/New_York", 0))
    assert windows[Channel.EMAIL] == SendWindow("America/New_York", 9, 19)
    assert windows[Channel.SMS] == SendWindow("America/New_York", 10, 20)
    assert windows[Channel.EMAIL].place(datetime(2026, 12, 1, 8, 30, tzinfo=UTC)) == datetime(
        2026, 12, 1, 14, tzinfo=UTC
    )


def test_hours_that_all_possible_zones_share_count_if_there_are_any() -> None:
    zone = RecipientZone("Australia/Lord_Howe", 5)
    assert send_windows(hours(BERLIN), zone)[Channel.EMAIL] == SendWindow("Australia/Lord_Howe", 14, 19)
    assert send_windows(hours(BERLIN, email=(9, 14)), zone)[Channel.EMAIL] == SendWindow(BERLIN, 9, 14)
    assert send_windows(hours(BERLIN, email=(0, 24)), zone)[Channel.EMAIL].always


@given(
    zones=st.sampled_from(EVERY_ZONES),
    moment=st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001 - bounds
    email=st.tuples(st.integers(0, 22), st.integers(1, 24)).filter(lambda pair: pair[0] < pair[1]),
)
def test_whatever_the_number_the_window_is_open_wherever_the_recipient_may_be(
    zones: tuple[str, ...], moment: datetime, email: tuple[int, int]
) -> None:
    zone = _zone_of(zones, 2026)
    window = send_windows(hours("UTC", email=email), zone)[Channel.EMAIL]  # the zone of no number
    if zone is None or window.zone != zone.name:
        return
    clocks = [window.place(moment).astimezone(ZoneInfo(name)) for name in zones]
    # Zones that change their clocks on one day may do so at different hours.
    assert window.always or all(email[0] <= clock.hour < email[1] for clock in clocks) or _changes(zones, moment)


def _changes(zones: tuple[str, ...], moment: datetime) -> bool:
    """Whether a clock changes within two days."""
    around = [moment + timedelta(days=days) for days in (-1, 0, 1, 2)]
    return any(len({time.astimezone(ZoneInfo(name)).utcoffset() for time in around}) > 1 for name in zones)


def test_most_numbers_tell_one_clock() -> None:
    found = [_zone_of(zones, 2026) for zones in EVERY_ZONES]
    assert sum(zone is not None and zone.spread == 0 for zone in found) > 0.8 * len(found)
