"""`plaudit apply`: what a file makes, what it refuses and on which line."""

import asyncio
from typing import Any

import pytest

import models
from delivery.fill import fill
from delivery.layout import Button
from languages import LANGUAGES
from models.clock import clock
from models.connection import WORK, fetch, pool
from models.rules.enums import AccountKind, Channel, PlanTier, Role
from provisioning import apply
from provisioning.defaults import BUILT_IN, built_in
from provisioning.fitting import PLACEHOLDERS
from tests import factories as make
from tests.provisioning.bakery import BAKERY, changed, wrong


async def location(key: str = "mitte") -> models.Location:
    return await models.Location.get(key=key)


async def test_an_account_is_made_with_what_the_file_says() -> None:
    applied = await apply(BAKERY)
    account = await models.Account.get(key="bakery")
    assert (account.kind, account.plan, account.anchor_day) == (AccountKind.BUSINESS, PlanTier.PROFESSIONAL, 31)
    assert account.facts.invitations == 30_000
    assert "account bakery: new" in applied.made


async def test_a_location_is_made_with_what_the_file_says() -> None:
    await apply(BAKERY)
    row = await location()
    hours = (row.email_from_hour, row.email_until_hour, row.sms_from_hour, row.sms_until_hour)
    assert hours == (0, 24, 8, 21)
    assert (row.cool_down_days, row.answer_window_days, row.allowance) == (90, 20, 1000)
    assert row.goals == ["REVIEWED", "LINK_CLICKED"]
    assert (row.time_zone, row.language, row.reply_to) == ("Europe/Berlin", "de", "desk@bakery.example.com")


async def test_what_is_left_out_has_the_default() -> None:
    await apply(BAKERY)
    row = await location("harbour")
    assert (row.email_from_hour, row.email_until_hour, row.cool_down_days, row.answer_window_days) == (9, 19, 180, 30)
    steps = await models.SequenceStep.filter(location_id=row.id).order_by("number")
    assert [step.after_seconds // 86400 for step in steps] == [0, 3, 7, 14]
    assert {step.channel for step in steps} == {Channel.EMAIL}


async def test_a_sequence_goes_by_its_own_and_by_built_in_templates() -> None:
    await apply(BAKERY)
    rows: list[Any] = (
        await models.SequenceStep.filter(location__key="mitte").order_by("number").prefetch_related("template")
    )
    assert [(step.after_seconds, step.template.key) for step in rows] == [(0, "hello"), (36 * 3600, "remind")]
    assert rows[1].template.subject == "{{ location }} freut sich noch über Ihre Antwort"


async def test_a_location_has_a_color_and_a_logo_and_an_account_says_whether_opens_are_tracked() -> None:
    await apply(BAKERY)
    assert (await models.Account.get(key="bakery")).open_tracking
    look = 'color: "#1F5FBF", logo: "https://example.com/logo.png"'
    text = changed("country: US, language: en", f"country: US, language: en, {look}")
    applied = await apply(changed("language: de\n", "language: de\n    openTracking: off\n", text))
    assert applied.made[:2] == [
        "account bakery: open tracking on → off",
        "location bakery/harbour: color nothing → #1f5fbf, logo nothing → https://example.com/logo.png",
    ]
    row = await location("harbour")
    assert (row.color, row.logo) == ("#1f5fbf", "https://example.com/logo.png")


async def test_templates_have_the_language_of_their_texts() -> None:
    text = changed("language: de\n", "language: it\n")
    await apply(text)
    rows = await models.Template.filter(location__key="mitte").order_by("key")
    assert [(row.key, row.language, bool(row.preheader)) for row in rows] == [
        ("hello", "it", False),
        ("remind", "en", True),
    ]


async def test_built_in_texts_can_be_filled_in() -> None:
    values = dict.fromkeys(PLACEHOLDERS, "x") | {"first_name": "", "review_url": "https://here"}
    for language in (*LANGUAGES, "ja"):
        for key in BUILT_IN:
            text = built_in(key, language)
            assert "https://here" in fill(text.text, values)
            button = {"button": Button("https://here", "x", None)}
            assert "https://here" in fill(text.html, values | button, html=True)


async def test_members_work_where_the_file_says() -> None:
    await apply(BAKERY)
    rows = await fetch(
        pool(WORK),
        "select u.subject, m.role, m.all_locations, l.key from membership m join app_user u on u.id = m.user_id "
        "left join membership_location ml on ml.membership_id = m.id "
        "left join location l on l.id = ml.location_id order by 1",
    )
    assert [tuple(row) for row in rows] == [("max", Role.MANAGER, False, "mitte"), ("mia", Role.OWNER, True, None)]


async def test_the_same_file_a_second_time_changes_nothing() -> None:
    await apply(BAKERY)
    again = await apply(BAKERY)
    assert (again.made, again.left) == ([], [])


async def test_changes_are_told_in_words() -> None:
    await apply(BAKERY)
    text = changed("coolDown: 90 days", "coolDown: 0 days", changed("plan: PROFESSIONAL", "plan: ENTERPRISE"))
    applied = await apply(text)
    assert applied.made == [
        "account bakery: plan PROFESSIONAL → ENTERPRISE",
        "location bakery/mitte: cool down days 90 → 0",
    ]


async def test_a_changed_text_is_another_version_for_new_invitations() -> None:
    await apply(BAKERY)
    applied = await apply(changed("How was it?", "Well?"))
    assert applied.made == ["location bakery/mitte, template hello: version 2, for new invitations"]
    versions = await models.Template.filter(key="hello").order_by("version")
    step: Any = await models.SequenceStep.get(location__key="mitte", number=1)
    assert [one.subject for one in versions] == ["How was it?", "Well?"]
    assert step.template_id == versions[1].id


async def test_who_is_not_in_the_file_is_no_member_any_more() -> None:
    await apply(BAKERY)
    line = next(line for line in BAKERY.splitlines(keepends=True) if "subject: max" in line)
    applied = await apply(changed(line, ""))
    assert applied.made == ["account bakery: member Max (max) removed"]
    assert await models.Membership.all().count() == 1


async def test_without_members_in_the_file_those_there_stay() -> None:
    await apply(BAKERY)
    before, _, rest = BAKERY.partition("    members:\n")
    text = before + "    locations:\n" + rest.partition("    locations:\n")[2]
    assert (await apply(text)).made == []
    assert await models.Membership.all().count() == 2


async def test_locations_and_platforms_that_the_file_does_not_name_stay_and_are_told() -> None:
    await apply(BAKERY)
    last = BAKERY.splitlines(keepends=True)[-1]
    applied = await apply(changed(last, ""))
    assert applied.made == []
    assert applied.left == ["account bakery: location harbour is not in the file; it is kept"]
    assert await models.Location.filter(key="harbour").exists()


async def test_an_agency_has_its_clients_and_members_for_some_of_them() -> None:
    text = """\
x-client: &client {kind: AGENCY_CLIENT, plan: STARTER, timeZone: Europe/Paris, country: FR}
accounts:
  - {<<: *client, key: one, name: One}
  - {<<: *client, key: two, name: Two}
  - key: house
    name: House
    kind: AGENCY
    plan: ENTERPRISE
    timeZone: Europe/Paris
    country: FR
    clients: [one, two]
    members:
      - {issuer: tests, subject: vic, name: Vic, email: vic@example.com, role: VIEWER, clients: [two]}
"""
    applied = await apply(text)
    assert "account house: client one added" in applied.made
    rows = await fetch(pool(WORK), "select a.key from membership_client c join account a on a.id = c.account_id")
    assert [row["key"] for row in rows] == ["two"]
    assert (await apply(text)).made == []


async def test_everything_wrong_is_told_at_once_with_its_line() -> None:
    text = changed("plan: PROFESSIONAL", "plan: PROFESIONAL")
    text = changed("coolDown: 90 days", "cooldown: 90 days", text)
    text = changed("https://g.example.com/mitte", "http://g.example.com/mitte", text)
    text = changed("timeZone: America/New_York", "timeZone: America/NewYork", text)
    found = dict(await wrong(text))
    assert found[4].startswith("unknown value 'PROFESIONAL' (did you mean PROFESSIONAL?)")
    assert "beginning with https://" in found[19]
    assert "unknown key cooldown (did you mean coolDown?)" in found[23]
    assert "did you mean America/New_York?" in found[32]


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("    name: Bakery\n", "", 2, "name is missing; add it"),
        ("key: harbour", "key: Harbour Town", 32, "lower-case letters"),
        ("key: harbour", "key: mitte", 32, "the location mitte appears twice"),
        ("after: 36 hours", "after: 36", 31, "a number with its unit"),
        ("after: 36 hours", "after: 0 days", 31, "later than the one before"),
        ("after: 0 days, channel: EMAIL", "after: 1 day, channel: EMAIL", 30, "at once"),
        ("after: 36 hours", "after: 36 hours, channel: SMS", 31, "SMS steps cannot be sent yet"),
        ("template: remind", "template: helo", 31, "did you mean hello?"),
        ("EMAIL: always", "EMAIL: 19-9", 22, "like 9-19"),
        ("invitations: 30000", "invitations: '30000'", 9, "whole number"),
        ("cycleStartsOn: 2026-11-30", "cycleStartsOn: 2026-11-01", 11, "2026-10-31 and 2026-11-30"),
        ("cycleStartsOn: 2026-11-30", "cycleStartsOn: 0001-01-01", 11, "from the year 1900 to the year 9998"),
        ("cycleStartsOn: 2026-11-30", "cycleStartsOn: 9999-12-31", 11, "from the year 1900 to the year 9998"),
        ("email: mia@example.com", "email: mia@example", 13, "has no ending"),
        ("locations: [mitte]", "locations: [mite]", 14, "no location mite; it has: harbour, mitte"),
        ("role: OWNER", "role: BOSS", 13, "use one of OWNER, ADMIN, MANAGER, VIEWER"),
        ("country: US", 'country: US, color: "#1f5fb"', 32, "like #1f5fbf"),
        ("coolDown: 90 days", "color: #1f5fbf", 23, "without them, # begins a comment"),
        ("country: US", "country: US, logo: http://example.com/a.png", 32, "beginning with https://"),
        ("country: DE\n", "country: DE\n    openTracking: true\n", 8, "write on or off"),
        ("<p>{{ review_url }}</p>", "<p>{{ buton }}</p>", 28, "it may use first_name"),
        ("How was it?", "{{ button }}", 28, "'button' is undefined"),
        ("country: DE", "country: Germany", 7, "two capital letters"),
        ("anchorDay: 31", "anchorDay: 32", 6, "less than or equal to 31"),
        (
            "    language: de\n",
            "    language: de\n    language: en\n",
            9,
            "language appears twice; the first is on line 8",
        ),
        ("plan: PROFESSIONAL", "plan: STARTER", 10, "does not allow boosts"),
        ("goals: [REVIEWED, LINK_CLICKED]", "goals: REVIEWED", 25, "must be a list"),
        ("Hello {{ review_url }}", "Hello", 28, "the link to answer is missing; add {{ review_url }}."),
        (
            "Hello {{ review_url }}",
            "Hello {{ name }} {{ review_url }}",
            28,
            "the template fails: 'name' is undefined",
        ),
        ("Hello {{ review_url }}", "Hello {{ review_url }", 28, "the template fails"),
        (
            "Hello {{ review_url }}",
            "Hello {{ '{}'.format() }} {{ review_url }}",
            28,
            "the template fails: line 1: getattr is not allowed; use values, conditions, and the filters",
        ),
        (
            "Hello {{ review_url }}",
            "Hello {{ last_name|first }} {{ review_url }}",
            28,
            "the template fails for a customer without last_name: No first item",
        ),
        (
            "Hello {{ review_url }}",
            "{% if employee and not service %}{{ first_name|first }}{% endif %}{{ review_url }}",
            28,
            "for a customer without first_name, service: No first item",
        ),
        (
            "Hello {{ review_url }}",
            "{% if first_name %}{{ review_url }}{% endif %}",
            28,
            "the link to answer is missing for a customer without first_name",
        ),
    ],
)
async def test_a_wrong_line_is_told_with_what_to_write_instead(old: str, new: str, line: int, words: str) -> None:
    found = await wrong(changed(old, new))
    assert [place for place, said in found if words in said] == [line]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 1, "must begin with `accounts:`"),
        ("accounts: nothing", 1, "must be a list"),
        ("accounts:\n  - key: [a\n  - b: c: d", 3, "This is not valid YAML"),
        ("accounts: &a\n  - *a\n", 1, "an anchor contains itself"),
        ("accounts:\n  - 5\n", 2, "must be keys with their values"),
    ],
)
async def test_what_is_no_such_file_is_told_too(text: str, line: int, words: str) -> None:
    assert [(place, words in said) for place, said in await wrong(text)] == [(line, True)]


async def test_norway_and_numbers_stay_what_was_written() -> None:
    text = (
        BAKERY.replace("country: DE", "country: NO")
        .replace("language: de", "language: no")
        .replace("subject: mia", "subject: 007")
    )
    await apply(text)
    assert (await models.Account.get(key="bakery")).country == "NO"
    assert await models.User.filter(subject="007").exists()


async def test_one_wrong_line_and_nothing_is_changed() -> None:
    await apply(BAKERY)
    await wrong(changed("locations: [mitte]", "locations: [mite]", changed("name: Bakery\n", "name: Other\n")))
    assert (await models.Account.get(key="bakery")).name == "Bakery"


async def test_more_locations_than_the_plan_has_are_refused() -> None:
    found = await wrong(changed("plan: PROFESSIONAL", "plan: FREE"))
    assert [words for _, words in found if "the plan FREE allows 1 location, and the file has 2" in words]


async def test_the_kind_and_the_anchor_day_of_an_account_stay() -> None:
    await apply(BAKERY)
    found = await wrong(changed("anchorDay: 31", "anchorDay: 30\n    kind: AGENCY_CLIENT"))
    assert [line for line, _ in found] == [6, 7]


async def test_an_incomplete_sender_is_told() -> None:
    applied = await apply(BAKERY)
    assert (
        "location bakery/harbour: sends nothing until it has a postal address and a sender name and a sender e-mail"
        in applied.made
    )
    assert not [words for words in applied.made if "bakery/mitte: sends nothing" in words]


async def test_two_at_once_do_the_same_as_one() -> None:
    applied = await asyncio.gather(apply(BAKERY), apply(BAKERY))
    assert sorted(bool(one.made) for one in applied) == [False, True]
    assert await models.Account.filter(key="bakery", created_at__lte=clock.now()).count() == 1


async def lane_flags(key: str) -> list[str | None]:
    text = "select la.flag from lane la join location l on l.id = la.location_id where l.key = $1"
    return [row["flag"] for row in await fetch(pool(WORK), text, key)]


async def test_completing_a_sender_releases_its_messages_and_emptying_it_holds_them() -> None:
    await apply(BAKERY)
    await make.invited(await location("harbour"))
    assert await lane_flags("harbour") == ["SENDER_INCOMPLETE"]
    sender = "postalAddress: 2 Pier, sender: {name: Bakery, email: pier@bakery.example.com}"
    await apply(changed("country: US, language: en", f"country: US, language: en, {sender}"))
    assert await lane_flags("harbour") == [None]
    await apply(BAKERY)
    assert await lane_flags("harbour") == ["SENDER_INCOMPLETE"]
