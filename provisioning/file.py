"""The schema of an apply file: its keys, defaults and error messages."""

import re
from datetime import date, timedelta
from difflib import get_close_matches
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

import phonenumbers
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, StrictInt
from pydantic.alias_generators import to_camel

from models.rules.address import LONGEST_TEXT, clean
from models.rules.color import hex_color
from models.rules.email import normalize_email
from models.rules.enums import AccountKind, Channel, Goal, PlanTier, Role
from models.rules.errors import InvalidEmail
from models.rules.moment import BOUNDS, is_day
from models.rules.plan import PlanFacts, facts_of
from models.rules.url import https_url
from models.tables.account import ISSUER

_KEY = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,78}[a-z0-9])?")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,4})?")
_HOURS = re.compile(r"(\d{1,2})\s*-\s*(\d{1,2})")
_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_DURATION = re.compile(r"(\d{1,5}) (minute|hour|day)s?")
LONGEST_DELAY = timedelta(days=365)


def _key(text: str) -> str:
    if not _KEY.fullmatch(text):
        raise ValueError("a key consists of lower-case letters, digits and hyphens, like main-street (80 at most)")
    return text


def _line(text: str) -> str:
    if any(sign in text for sign in "\r\n\x00"):
        raise ValueError("must be on one line")
    cleaned = clean(text)
    if cleaned is None:
        raise ValueError("must not be empty; write a text, or leave the key out if it is optional")
    if len(cleaned) > LONGEST_TEXT:
        raise ValueError(f"must have at most {LONGEST_TEXT} characters")
    return cleaned


def _text(text: str) -> str:
    if not text.strip() or "\x00" in text:
        raise ValueError("must not be empty; write a text, or leave the key out if it is optional")
    if len(text) > 100_000:
        raise ValueError("must have at most 100,000 characters")
    return text.strip()


def _email(text: str) -> str:
    try:
        return normalize_email(text)
    except InvalidEmail as error:
        raise ValueError(error.message) from error


def _zone(text: str) -> str:
    if text not in available_timezones():
        close = suggestion(text, available_timezones())
        raise ValueError(f"unknown time zone {text!r}{close}; use one like Europe/Berlin")
    return text


def _country(text: str) -> str:
    if text not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueError(f"unknown country {text!r}; use two capital letters, like DE or US (ISO 3166)")
    return text


def _language(text: str) -> str:
    if not _LANGUAGE.fullmatch(text):
        raise ValueError(f"unknown language {text!r}; use a code like en, de or pt-BR")
    return text


def _day(day: date) -> date:
    if not is_day(day):
        raise ValueError(f"write a day {BOUNDS}")
    return day


def _hours(value: Any) -> Any:
    found = _HOURS.fullmatch(str(value).strip())
    if value == "always":
        return (0, 24)
    if not found or not 0 <= int(found[1]) < int(found[2]) <= 24:
        raise ValueError("use local hours like 9-19 (from 9:00, before 19:00), or always")
    return (int(found[1]), int(found[2]))


def _duration(value: Any) -> Any:
    if isinstance(value, timedelta):
        return value
    if value == 0:
        return timedelta()
    found = _DURATION.fullmatch(str(value).strip())
    if not found:
        raise ValueError("use a number with its unit, like 0 days, 3 days, 12 hours or 30 minutes")
    return timedelta(**{f"{found[2]}s": int(found[1])})


def _time(value: Any) -> Any:
    found = _TIME.fullmatch(str(value).strip())
    if not found:
        raise ValueError("use a local time of day, like 18:30")
    return int(found[1]) * 60 + int(found[2])


def _days(value: Any) -> Any:
    length = _duration(value)
    if length % timedelta(days=1):
        raise ValueError("use whole days, like 30 days")
    return length.days


def _color(value: Any) -> Any:
    if value is None:
        raise ValueError('write a color in quotes, like "#1f5fbf": without them, # begins a comment')
    return hex_color(value) if isinstance(value, str) else value


def _on_or_off(value: Any) -> Any:
    if isinstance(value, bool) or value not in ("on", "off"):
        raise ValueError("write on or off")
    return value == "on"


def clock_time(minute: int) -> str:
    """A minute of the day as people write it, like 18:30."""
    return f"{minute // 60}:{minute % 60:02}"


def suggestion(word: str, known: Any) -> str:
    """`, did you mean ...?` if a known word is similar; otherwise empty."""
    close = get_close_matches(word, sorted(known), 1, 0.6) or get_close_matches(
        word.lower(), sorted(one for one in known if one.islower()), 1, 0.6
    )
    return f" (did you mean {close[0]}?)" if close else ""


Key = Annotated[str, AfterValidator(_key)]
Line = Annotated[str, AfterValidator(_line)]
Text = Annotated[str, AfterValidator(_text)]
Email = Annotated[str, AfterValidator(_email)]
Zone = Annotated[str, AfterValidator(_zone)]
Country = Annotated[str, AfterValidator(_country)]
Language = Annotated[str, AfterValidator(_language)]
Https = Annotated[str, AfterValidator(https_url)]
Day = Annotated[date, AfterValidator(_day)]
Hours = Annotated[tuple[int, int], BeforeValidator(_hours)]
Duration = Annotated[timedelta, BeforeValidator(_duration), Field(le=LONGEST_DELAY)]
TimeOfDay = Annotated[int, BeforeValidator(_time)]
Days = Annotated[int, BeforeValidator(_days), Field(ge=0, le=3650)]
Color = Annotated[str | None, BeforeValidator(_color)]
OnOrOff = Annotated[bool, BeforeValidator(_on_or_off)]
Number = Annotated[StrictInt, Field(ge=0, le=1_000_000_000)]


class Shape(BaseModel):
    """Keys are in camel case; unknown keys are refused."""

    model_config = ConfigDict(
        extra="forbid", alias_generator=to_camel, coerce_numbers_to_str=True, frozen=True, validate_by_name=False
    )


class Overrides(Shape):
    """Limits of the plan that differ for this account."""

    invitations: Number = 0
    invitations_per_day: Number = 0
    steps: Annotated[StrictInt, Field(ge=1, le=50)] = 1
    sms: StrictBool = False
    bulk_import: StrictBool = False
    boosts: StrictBool = False
    locations: Number | None = None
    upload_megabytes: Number = 0
    upload_rows: Number = 0
    cost_per_minute: Number = 0


class Boost(Shape):
    key: Key
    cycle_starts_on: Day
    invitations: Annotated[StrictInt, Field(ge=1, le=10_000_000)]


class Member(Shape):
    """`issuer` defaults to that of `plaudit token`. `locations` and `clients` limit the membership; all if omitted."""

    issuer: Line = ISSUER
    subject: Line
    name: Line
    email: Email
    role: Role
    locations: list[Key] | None = None
    clients: list[Key] | None = None

    @property
    def identity(self) -> tuple[str, str]:
        return self.issuer, self.subject


class Platform(Shape):
    key: Key
    name: Line
    url: Https
    offered: StrictBool = True


class SenderEntry(Shape):
    name: Line
    email: Email
    reply_to: Email | None = None


class ChannelHours(Shape):
    email: Annotated[Hours, Field(alias="EMAIL")] = (9, 19)
    sms: Annotated[Hours, Field(alias="SMS")] = (10, 20)


class TemplateText(Shape):
    """`preheader`: what mail clients show beside the subject."""

    subject: Line
    preheader: Line | None = None
    text: Text
    html: Text


class Step(Shape):
    """`at`: the local time of day at which it is due, in minutes after midnight."""

    after: Duration
    at: TimeOfDay | None = None
    channel: Channel = Channel.EMAIL
    template: Key


class Location(Shape):
    """Time zone, country and language default to the account's. The default sequence sends immediately and after 3, 7 and
    14 days."""

    key: Key
    name: Line
    time_zone: Zone | None = None
    country: Country | None = None
    language: Language | None = None
    platforms: list[Platform] = []
    sender: SenderEntry | None = None
    postal_address: Text | None = None
    color: Color = None
    logo: Https | None = None
    hours: ChannelHours = ChannelHours()
    cool_down: Days = 180
    answer_window: Annotated[Days, Field(ge=1)] = 30
    goals: list[Goal] = [Goal.REVIEWED, Goal.NPS_GIVEN, Goal.PLATFORM_CHOSEN]
    allowance: Number | None = None
    templates: dict[Key, TemplateText] = {}
    sequence: Annotated[list[Step], Field(min_length=1)] | None = None


class Account(Shape):
    """If `members` is omitted, members stay as they are. `clients`: of an agency. `previous_key`: renames the account
    with this key. `new`: confirms that it is not the similar account in the database. `without_owner`: allows `members`
    to remove the last OWNER."""

    key: Key
    previous_key: Key | None = None
    new: StrictBool = False
    name: Line
    kind: AccountKind = AccountKind.BUSINESS
    plan: PlanTier
    time_zone: Zone
    anchor_day: Annotated[StrictInt, Field(ge=1, le=31)] = 1
    country: Country
    language: Language = "en"
    overrides: Overrides = Overrides()
    open_tracking: OnOrOff = True
    boosts: list[Boost] = []
    members: list[Member] | None = None
    without_owner: StrictBool = False
    clients: list[Key] = []
    locations: list[Location] = []

    @property
    def override_figures(self) -> dict[str, Any]:
        return self.overrides.model_dump(exclude_unset=True)

    @property
    def facts(self) -> PlanFacts:
        return facts_of(self.plan, self.override_figures)


class ApplyFile(Shape):
    """Keys that start with x- hold anchors and are removed before validation."""

    version: Literal[1] = 1
    accounts: list[Account]

    @property
    def keys(self) -> list[str]:
        """The keys of its accounts, current and previous."""
        return [key for account in self.accounts for key in (account.key, account.previous_key) if key]
