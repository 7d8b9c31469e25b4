"""A file of accounts, changed line by line, and what is said of it."""

import pytest

from provisioning import ApplyError, apply

BAKERY = """\
accounts:
  - key: bakery
    name: Bakery
    plan: PROFESSIONAL
    timeZone: Europe/Berlin
    anchorDay: 31
    country: DE
    language: de
    overrides: {invitations: 30000}
    boosts:
      - {key: spring, cycleStartsOn: 2026-11-30, invitations: 500}
    members:
      - {issuer: tests, subject: mia, name: Mia, email: mia@example.com, role: OWNER}
      - {issuer: tests, subject: max, name: Max, email: max@example.com, role: MANAGER, locations: [mitte]}
    locations:
      - key: mitte
        name: Bakery Mitte
        platforms:
          - {key: google, name: Google, url: "https://g.example.com/mitte"}
        sender: {name: Bakery, email: hello@bakery.example.com, replyTo: desk@bakery.example.com}
        postalAddress: 1 High Street, 10115 Berlin
        hours: {EMAIL: always, SMS: 8-21}
        coolDown: 90 days
        answerWindow: 20 days
        goals: [REVIEWED, LINK_CLICKED]
        allowance: 1000
        templates:
          hello: {subject: "How was it?", text: "Hello {{ review_url }}", html: "<p>{{ review_url }}</p>"}
        sequence:
          - {after: 0 days, channel: EMAIL, template: hello}
          - {after: 36 hours, template: remind}
      - {key: harbour, name: Bakery Harbour, timeZone: America/New_York, country: US, language: en}
"""


async def wrong(text: str, *, dry_run: bool = False) -> list[tuple[int, str]]:
    """What is said, by line."""
    with pytest.raises(ApplyError) as refused:
        await apply(text, dry_run=dry_run)
    return [(problem.line, problem.words) for problem in refused.value.problems]


def changed(old: str, new: str, text: str = BAKERY) -> str:
    assert old in text
    return text.replace(old, new)
