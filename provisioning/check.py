"""What is wrong with an apply file, all at once: shapes first, then what must fit together."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, time, timedelta
from itertools import combinations
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from delivery.render import RenderError, fill
from models.rules.cycle import cycle_at
from models.rules.enums import AccountKind, Channel
from provisioning.defaults import BUILT_IN
from provisioning.document import ApplyError, Document, Path, Problem, read
from provisioning.file import Account, ApplyFile, Location, Member, TemplateText, suggestion

Found = Iterator[tuple[Path, str]]

PLACEHOLDERS = ("first_name", "last_name", "location", "employee", "service", "review_url", "unsubscribe_url")
"""What a template may name, as `delivery/render.py` fills it in."""


def check(text: str) -> tuple[Document, ApplyFile]:
    """The file as it was meant; raises ApplyError with everything that is wrong as far as the file alone can tell."""
    document = read(text)
    if not isinstance(document.value, dict):
        raise ApplyError([Problem(1, "", "The file begins with `accounts:` and a list of accounts below it.")])
    document.value = {name: value for name, value in document.value.items() if not name.startswith("x-")}
    problems = list(document.problems)
    try:
        ApplyFile.model_validate(document.value)
    except ValidationError as error:
        problems += [_said(document, one) for one in error.errors()]
    accounts = _sound(document)
    for path, words in _fitting(accounts):
        problems.append(document.problem(path, words))
    if problems:
        raise ApplyError(problems)
    return document, ApplyFile.model_validate(document.value)


def _sound(document: Document) -> list[tuple[int, Account]]:
    """The accounts whose shape is right, so that what does not fit in them is told in the same breath."""
    entries = document.value.get("accounts")
    sound = []
    for number, entry in enumerate(entries if isinstance(entries, list) else []):
        try:
            sound.append((number, Account.model_validate(entry)))
        except ValidationError:
            continue  # told already
    return sound


# From pydantic's words to ours.


def _said(document: Document, error: ErrorDetails) -> Problem:
    # Names of union members and of functions stand in between; only what is in the file is a place.
    path = _place_in_file(document.value, error["loc"])
    if error["type"] == "missing":
        return document.problem(path, f"{error['loc'][-1]} is missing here; add it.")
    if error["type"] == "extra_forbidden":
        name, known = str(error["loc"][-1]), _names_at(path[:-1])
        near = suggestion(name, known)
        return document.problem(path, f"there is no {name} here{near}; known are: {', '.join(known)}.")
    return document.problem(path, _words(error))


def _place_in_file(value: Any, location: Iterable[str | int]) -> Path:
    path: Path = ()
    for part in location:
        inside = dict(enumerate(value)) if isinstance(value, list) else value
        if isinstance(inside, dict) and part in inside:
            value, path = inside[part], (*path, part)
    return path


def _names_at(path: Path) -> list[str]:
    """The keys that may be written at this place."""
    shape: Any = ApplyFile
    for part in path:
        if isinstance(shape, type) and issubclass(shape, BaseModel):
            fields = {field.alias or name: field.annotation for name, field in shape.model_fields.items()}
            shape = _plain(fields[str(part)])
        else:
            shape = _plain(get_args(shape)[-1])
    return [field.alias or name for name, field in shape.model_fields.items()]


def _plain(annotation: Any) -> Any:
    """Without `| None` and `Annotated`."""
    while get_origin(annotation) in (Annotated, Union, UnionType):
        annotation = get_args(annotation)[0]
    return annotation


_KINDS = {
    "string_type": "write a text",
    "int_type": "write a whole number, without quotes or separators",
    "bool_type": "write true or false",
    "list_type": "write a list: one entry a line, each beginning with a hyphen",
    "tuple_type": "write a list",
    "dict_type": "write keys with their values, indented below",
    "model_type": "write keys with their values, indented below",
    "date_from_datetime_parsing": "write a date as in 2026-11-01",
    "date_parsing": "write a date as in 2026-11-01",
    "date_type": "write a date as in 2026-11-01",
    "string_too_long": "it is too long",
    "too_short": "the list is empty; add an entry or leave the key out",
}


def _words(error: ErrorDetails) -> str:
    kind, given = error["type"], error["input"]
    if kind == "value_error":
        return str(error["ctx"]["error"]) + "."
    if kind == "enum":
        allowed = str(error["ctx"]["expected"]).replace("'", "").replace(" or ", ", ")
        near = suggestion(str(given).upper(), allowed.split(", "))
        return f"{given!r} is not known here{near}; write one of {allowed}."
    if kind in _KINDS:
        return f"{_KINDS[kind]}, instead of {_short(given)}."
    return f"{error['msg'].removeprefix('Input ').strip()}, and not {_short(given)}."


def _short(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, dict | list):
        return "a list" if isinstance(value, list) else "keys with values"
    text = repr(value)
    return text if len(text) < 60 else f"{text[:57]}..."


# What must fit together.


def _fitting(accounts: Sequence[tuple[int, Account]]) -> Found:
    yield from _twice([(("accounts", number), account.key) for number, account in accounts], "account")
    yield from _people(accounts)
    yield from _clients(accounts)
    for number, account in accounts:
        path: Path = ("accounts", number)
        yield from _of_account(path, account)
        for index, location in enumerate(account.locations):
            yield from _of_location((*path, "locations", index), location, account)


def _twice(entries: Iterable[tuple[Path, str]], what: str) -> Found:
    seen: dict[str, Path] = {}
    for path, key in entries:
        if key in seen:
            yield path, f"there is another {what} {key}; give one of them another key, or put the two together."
        seen[key] = path


def _people(accounts: Sequence[tuple[int, Account]]) -> Found:
    """One person has one name and one address, wherever they are a member."""
    known: dict[tuple[str, str], Member] = {}
    for number, account in accounts:
        for index, member in enumerate(account.members or ()):
            before = known.setdefault(member.identity, member)
            if (before.name, before.email) != (member.name, member.email):
                words = f"{member.subject} is called {before.name} <{before.email}> further up; write the same here."
                yield ("accounts", number, "members", index), words


def _clients(accounts: Sequence[tuple[int, Account]]) -> Found:
    kinds = {account.key: account.kind for _, account in accounts}
    taken: dict[str, str] = {}
    for number, account in accounts:
        for index, client in enumerate(account.clients):
            path: Path = ("accounts", number, "clients", index)
            if account.kind is not AccountKind.AGENCY:
                yield path, f"only an AGENCY has clients, and {account.key} is a {account.kind}."
            elif kinds.get(client, AccountKind.AGENCY_CLIENT) is not AccountKind.AGENCY_CLIENT:
                yield path, f"{client} is a {kinds[client]}; give it the kind AGENCY_CLIENT, or leave it out here."
            elif client in taken:
                yield path, f"{client} is a client of {taken[client]} already; an account has one agency."
            taken.setdefault(client, account.key)


def _of_account(path: Path, account: Account) -> Found:
    yield from _twice([((*path, "locations", n), one.key) for n, one in enumerate(account.locations)], "location")
    yield from _twice([((*path, "boosts", n), one.key) for n, one in enumerate(account.boosts)], "boost")
    members = account.members or ()
    yield from _twice(
        [((*path, "members", n), " of ".join(reversed(one.identity))) for n, one in enumerate(members)], "member"
    )
    limit = account.facts.locations
    if limit is not None and len(account.locations) > limit:
        words = f"the plan {account.plan} has {limit} locations, and here are {len(account.locations)}; "
        yield (*path, "locations", limit), words + "take a larger plan, or write overrides: {locations: ...}."
    if account.boosts and not account.facts.boosts:
        yield (
            (*path, "boosts"),
            f"the plan {account.plan} takes no boosts; take a larger plan, or raise overrides.invitations.",
        )
    for index, boost in enumerate(account.boosts):
        noon = datetime.combine(boost.cycle_starts_on, time(12), ZoneInfo(account.time_zone))
        cycle = cycle_at(noon, account.time_zone, account.anchor_day)
        if cycle.starts_on != boost.cycle_starts_on:
            words = (
                f"no billing cycle of the account begins on that day; near it: {cycle.starts_on} and {cycle.resets_on}."
            )
            yield (*path, "boosts", index, "cycleStartsOn"), words
    for index, member in enumerate(members):
        if member.clients is not None and account.kind is not AccountKind.AGENCY:
            yield (
                (*path, "members", index, "clients"),
                f"only members of an AGENCY work for clients; {account.key} is none.",
            )


def _of_location(path: Path, location: Location, account: Account) -> Found:
    yield from _twice([((*path, "platforms", n), one.key) for n, one in enumerate(location.platforms)], "platform")
    steps = location.sequence or []
    if len(steps) > account.facts.steps:
        words = f"the plan {account.plan} sends {_steps(account.facts.steps)} at most, and here are {len(steps)}; "
        yield (
            (*path, "sequence", account.facts.steps),
            words + "leave some out, take a larger plan, or write overrides: {steps: ...}.",
        )
    for key, text in location.templates.items():
        yield from _of_template((*path, "templates", key), text)
    before = timedelta(-1)
    for index, step in enumerate(steps):
        here: Path = (*path, "sequence", index)
        if step.channel is Channel.SMS:
            yield here, "messages by SMS cannot be sent yet; make it a step by EMAIL, or leave it out."
        if index == 0 and step.after:
            yield (*here, "after"), "the first step goes out at once; write after: 0 days."
        elif step.after <= before:
            yield (*here, "after"), "each step comes later than the one before it; after counts from the first step."
        before = step.after
        if step.template not in location.templates and step.template not in BUILT_IN:
            known = [*location.templates, *(key for key in BUILT_IN if key not in location.templates)]
            words = f"there is no template {step.template}{suggestion(step.template, known)}; "
            yield (*here, "template"), words + f"known are: {', '.join(known)}."


_SAMPLE = {name: f"({name})" for name in PLACEHOLDERS}
_MAY_LACK = ("first_name", "last_name", "employee", "service")
_SAMPLES = [
    _SAMPLE | dict.fromkeys(lacking, "")
    for number in range(len(_MAY_LACK) + 1)
    for lacking in combinations(_MAY_LACK, number)
]


def _of_template(path: Path, text: TemplateText) -> Found:
    """Filled in for everybody there may be, so that no message fails for a slip of the pen."""
    for name, source in (("subject", text.subject), ("text", text.text), ("html", text.html)):
        slip = next(_slips(name, source), None)
        if slip is not None:
            yield (*path, name), slip


def _slips(name: str, source: str) -> Iterator[str]:
    """Without the link nobody could answer; a subject needs none."""
    for values in _SAMPLES:
        lacking = [key for key, value in values.items() if not value]
        where = f" for somebody without {', '.join(lacking)}" if lacking else ""
        try:
            filled = fill(source, values, html=name == "html")
        except RenderError as error:
            said = str(error).partition(": ")[2]
            yield f"it cannot be filled in{where}: {said}; it may name {', '.join(PLACEHOLDERS)}."
            continue
        if name != "subject" and _SAMPLE["review_url"] not in filled:
            link = "write {{ review_url }} where it belongs."
            yield f"the link is missing{where}, without which nobody can answer; {link}"


def _steps(number: int) -> str:
    return "1 step" if number == 1 else f"{number} steps"
