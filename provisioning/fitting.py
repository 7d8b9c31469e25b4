"""Checks that the parts of an apply file are consistent: keys, people, clients, plans, sequences, templates."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, time, timedelta
from itertools import combinations
from zoneinfo import ZoneInfo

from delivery.fill import RenderError, fill
from delivery.layout import Button
from models.rules.cycle import cycle_at
from models.rules.enums import AccountKind, Channel, Role
from models.rules.shown import shown_email
from provisioning.defaults import BUILT_IN
from provisioning.document import Path
from provisioning.file import Account, Location, Member, Step, TemplateText, clock_time, suggestion

Found = Iterator[tuple[Path, str]]

PLACEHOLDERS = ("first_name", "last_name", "location", "employee", "service", "review_url", "unsubscribe_url")
"""Variables that templates can use; `delivery/render.py` fills them in. HTML also has the button."""


def misfits(accounts: Sequence[tuple[int, Account]]) -> Found:
    """Yields paths and problems. Each account comes with its index in the file."""
    yield from _twice([(("accounts", number), account.key) for number, account in accounts], "account")
    yield from _people(accounts)
    yield from _clients(accounts)
    yield from _renames(accounts)
    for number, account in accounts:
        path: Path = ("accounts", number)
        yield from _of_account(path, account)
        for index, location in enumerate(account.locations):
            yield from _of_location((*path, "locations", index), location, account)


def _twice(entries: Iterable[tuple[Path, str]], what: str) -> Found:
    seen: dict[str, Path] = {}
    for path, key in entries:
        if key in seen:
            yield path, f"the {what} {key} appears twice; give one of them another key, or merge the two."
        seen[key] = path


def _people(accounts: Sequence[tuple[int, Account]]) -> Found:
    """A person must have the same name and address in all of their accounts."""
    known: dict[tuple[str, str], Member] = {}
    for number, account in accounts:
        for index, member in enumerate(account.members or ()):
            before = known.setdefault(member.identity, member)
            if (before.name, before.email) != (member.name, member.email):
                who = f"{before.name} <{shown_email(before.email)}>"
                words = f"{member.subject} is {who} above; use the same name and address here."
                yield ("accounts", number, "members", index), words


def _clients(accounts: Sequence[tuple[int, Account]]) -> Found:
    kinds = {account.key: account.kind for _, account in accounts}
    taken: dict[str, str] = {}
    for number, account in accounts:
        for index, client in enumerate(account.clients):
            path: Path = ("accounts", number, "clients", index)
            if account.kind is not AccountKind.AGENCY:
                yield path, f"only an AGENCY has clients, and {account.key} is of kind {account.kind}."
            elif kinds.get(client, AccountKind.AGENCY_CLIENT) is not AccountKind.AGENCY_CLIENT:
                yield path, f"{client} is of kind {kinds[client]}; make it an AGENCY_CLIENT, or leave it out here."
            elif client in taken:
                yield path, f"{client} is already a client of {taken[client]}; an account has one agency."
            taken.setdefault(client, account.key)


def _renames(accounts: Sequence[tuple[int, Account]]) -> Found:
    keys = {account.key for _, account in accounts}
    taken: dict[str, str] = {}
    for number, account in accounts:
        previous, path = account.previous_key, ("accounts", number, "previousKey")
        if previous is None:
            continue
        if account.new:
            yield path, "an account is either renamed or new; leave out previousKey, or new."
        if previous in keys:
            yield path, f"{previous} is the key of an account in this file; give the key that {account.key} had before."
        if previous in taken:
            yield path, f"{taken[previous]} has the previousKey {previous} too; only one account can have had it."
        taken.setdefault(previous, account.key)


def _of_account(path: Path, account: Account) -> Found:
    yield from _twice([((*path, "locations", n), one.key) for n, one in enumerate(account.locations)], "location")
    yield from _twice([((*path, "boosts", n), one.key) for n, one in enumerate(account.boosts)], "boost")
    members = account.members or ()
    yield from _twice(
        [((*path, "members", n), " of ".join(reversed(one.identity))) for n, one in enumerate(members)], "member"
    )
    if account.without_owner and any(one.role is Role.OWNER for one in members):
        yield (*path, "withoutOwner"), "members has an OWNER; leave withoutOwner out."
    limit = account.facts.locations
    if limit is not None and len(account.locations) > limit:
        words = (
            f"the plan {account.plan} allows {_count(limit, 'location')}, and the file has {len(account.locations)}; "
        )
        yield (*path, "locations", limit), words + "choose a larger plan, or add overrides: {locations: ...}."
    if account.boosts and not account.facts.boosts:
        yield (
            (*path, "boosts"),
            f"the plan {account.plan} does not allow boosts; choose a larger plan, or raise overrides.invitations.",
        )
    for index, boost in enumerate(account.boosts):
        noon = datetime.combine(boost.cycle_starts_on, time(12), ZoneInfo(account.time_zone))
        cycle = cycle_at(noon, account.time_zone, account.anchor_day)
        if cycle.starts_on != boost.cycle_starts_on:
            words = (
                f"no billing cycle begins on that day; the nearest begin on {cycle.starts_on} and {cycle.resets_on}."
            )
            yield (*path, "boosts", index, "cycleStartsOn"), words
    for index, member in enumerate(members):
        if member.clients is not None and account.kind is not AccountKind.AGENCY:
            yield (
                (*path, "members", index, "clients"),
                f"only members of an AGENCY work for clients, and {account.key} is of kind {account.kind}.",
            )


def _of_location(path: Path, location: Location, account: Account) -> Found:
    yield from _twice([((*path, "platforms", n), one.key) for n, one in enumerate(location.platforms)], "platform")
    steps = location.sequence or []
    if len(steps) > account.facts.steps:
        words = f"the plan {account.plan} allows {_count(account.facts.steps, 'step')}, and the file has {len(steps)}; "
        yield (
            (*path, "sequence", account.facts.steps),
            words + "leave some out, choose a larger plan, or add overrides: {steps: ...}.",
        )
    for key, text in location.templates.items():
        yield from _of_template((*path, "templates", key), text)
    before = timedelta(-1)
    for index, step in enumerate(steps):
        here: Path = (*path, "sequence", index)
        if step.channel is Channel.SMS:
            yield here, "SMS steps cannot be sent yet; use EMAIL, or leave the step out."
        if index == 0 and step.after:
            yield (*here, "after"), "the first step is sent at once; write after: 0 days."
        elif step.after <= before:
            yield (*here, "after"), "a step must come later than the one before it; after counts from the first step."
        before = step.after
        yield from _of_time((*here, "at"), step, location)
        if step.template not in location.templates and step.template not in BUILT_IN:
            known = [*location.templates, *(key for key in BUILT_IN if key not in location.templates)]
            words = f"no template has the key {step.template}{suggestion(step.template, known)}; "
            yield (*here, "template"), words + f"available: {', '.join(known)}."


def _of_time(path: Path, step: Step, location: Location) -> Found:
    """A step with a time of day is due some days later at that time, which must be within the hours."""
    if step.at is None:
        return
    if step.after % timedelta(days=1):
        yield path, "a step with a time of day needs whole days in after, like 3 days."
    from_hour, until_hour = location.hours.email if step.channel is Channel.EMAIL else location.hours.sms
    if not from_hour * 60 <= step.at < until_hour * 60:
        words = f"{clock_time(step.at)} is outside the location's hours for {step.channel}, {from_hour}-{until_hour}; "
        yield path, words + "write a time within them, or change hours."


_SAMPLE = {name: f"({name})" for name in PLACEHOLDERS}
_MAY_LACK = ("first_name", "last_name", "employee", "service")
_SAMPLES = [
    _SAMPLE | dict.fromkeys(lacking, "")
    for number in range(len(_MAY_LACK) + 1)
    for lacking in combinations(_MAY_LACK, number)
]


def _of_template(path: Path, text: TemplateText) -> Found:
    """Renders the template for every kind of customer, to find typos before a message fails."""
    for name, source in text.model_dump(exclude_none=True).items():
        slip = next(_slips(name, source), None)
        if slip is not None:
            yield (*path, name), slip


def _slips(name: str, source: str) -> Iterator[str]:
    """Problems of a part. The text must contain the link, without which customers cannot answer; HTML without it gets the
    button."""
    button = {"button": Button(_SAMPLE["review_url"], "", None)} if name == "html" else {}
    known = (*PLACEHOLDERS, *button)
    for values in _SAMPLES:
        lacking = [key for key, value in values.items() if not value]
        where = f" for a customer without {', '.join(lacking)}" if lacking else ""
        try:
            filled = fill(source, values | button, html=name == "html")
        except RenderError as error:
            said = str(error).removeprefix("TemplateSyntaxError: ").removeprefix("UndefinedError: ")
            yield f"the template fails{where}: {said}; it may use {', '.join(known)}."
            continue
        if name == "text" and _SAMPLE["review_url"] not in filled:
            yield f"the link to answer is missing{where}; add {{{{ review_url }}}}."


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
