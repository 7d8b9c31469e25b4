"""The accounts file of the journeys: a business, an agency with a client, an account on the free plan, and an unrelated one."""

SECRET = "a secret of the tests that is long enough"
PEOPLE = {
    "owner": "bakery",
    "manager": "bakery",
    "viewer": "bakery",
    "client": "barber",
    "free": "kiosk",
    "stranger": "stranger",
}

ACCOUNT = """
  - key: {key}
    name: The {key}
    kind: {kind}
    plan: {plan}
    timeZone: Europe/Berlin
    country: DE
    {more}
    members:{members}
    locations:
      - key: main
        name: {key} Main
        postalAddress: 1 High Street, 10115 Berlin
        sender: {{name: The {key}, email: hello@{key}.example.com}}
        hours: {{EMAIL: always, SMS: always}}
        platforms:
          - {{key: google, name: Google, url: "https://google.example.com/{key}"}}
          - {{key: tripadvisor, name: Tripadvisor, url: "https://tripadvisor.example.com/{key}"}}
"""


def _members(*members: str) -> str:
    return "".join(
        f"\n      - {{subject: {name}, name: {name.title()}, email: {name}@example.com, role: {role}}}"
        for name, role in (member.split(":") for member in members)
    )


def accounts_file() -> str:
    accounts = [
        ("bakery", "BUSINESS", "PROFESSIONAL", "", _members("owner:OWNER", "manager:MANAGER", "viewer:VIEWER")),
        ("agency", "AGENCY", "ENTERPRISE", "clients: [barber]", _members("agent:OWNER")),
        ("barber", "AGENCY_CLIENT", "STARTER", "", _members("client:OWNER")),
        ("kiosk", "BUSINESS", "FREE", "", _members("free:OWNER")),
        ("stranger", "BUSINESS", "PROFESSIONAL", "", _members("stranger:OWNER")),
    ]
    names = ("key", "kind", "plan", "more", "members")
    return "accounts:" + "".join(ACCOUNT.format(**dict(zip(names, account, strict=True))) for account in accounts)
