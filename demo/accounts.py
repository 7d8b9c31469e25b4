"""The demo's accounts as one apply file: those of data.yaml, and an agency with generated clients."""

from importlib.resources import files
from typing import Any

import yaml

CLIENTS = 24
VIEWER_CLIENTS = 5
_TRADES = ("Dental", "Garage", "Florist", "Physio", "Optician", "Café")
_TOWNS = (
    ("Gent", "Europe/Brussels", "BE"),
    ("Porto", "Europe/Lisbon", "PT"),
    ("Aarhus", "Europe/Copenhagen", "DK"),
    ("Graz", "Europe/Vienna", "AT"),
)
_PLANS = ("STARTER", "PROFESSIONAL", "STARTER", "FREE")
_INVITATIONS = 250

# The subject of each token, and the key of its account.
TOKENS = {
    "OWNER": ("owner", "kornblume"),
    "ADMIN": ("admin", "kornblume"),
    "MANAGER": ("manager", "kornblume"),
    "VIEWER": ("viewer", "kornblume"),
    "FREE_OWNER": ("free-owner", "radweg"),
    "TRIAL_OWNER": ("trial-owner", "salon-lys"),
    "STARTER_OWNER": ("starter-owner", "blue-door-dental"),
    "STARTER_MANAGER": ("starter-manager", "blue-door-dental"),
    "ENTERPRISE_OWNER": ("enterprise-owner", "northwind-hotels"),
    "CLIENT_OWNER": ("client-owner", "client-01"),
    "CLIENT_VIEWER": ("client-viewer", "client-01"),
    "AGENCY_OWNER": ("agency-owner", "brightside"),
    "AGENCY_ADMIN": ("agency-admin", "brightside"),
    "AGENCY_VIEWER": ("agency-viewer", "brightside"),
    "OTHER_OWNER": ("other-owner", "casa-verde"),
}
EXPIRED = ("owner", "kornblume")


def demo_file(extra_invitations: int = 0) -> str:
    """The file for `apply`. `extra_invitations` are added to the first account's allowance."""
    data: dict[str, Any] = yaml.safe_load(files("demo").joinpath("data.yaml").read_text("utf-8"))
    data["accounts"][0]["overrides"]["invitations"] += extra_invitations
    data["accounts"] += [*(_client(number) for number in range(1, CLIENTS + 1)), _agency()]
    return yaml.safe_dump(data, allow_unicode=True, sort_keys=False)


def client_key(number: int) -> str:
    return f"client-{number:02}"


def _client(number: int) -> dict[str, Any]:
    town, zone, country = _TOWNS[number % len(_TOWNS)]
    name = f"{_TRADES[number % len(_TRADES)]} {town} {number}"
    client: dict[str, Any] = {
        "key": client_key(number),
        "name": name,
        "kind": "AGENCY_CLIENT",
        "plan": _PLANS[number % len(_PLANS)],
        "timeZone": zone,
        "anchorDay": number,
        "country": country,
        "overrides": {"invitations": _INVITATIONS},
        "locations": [_location("main", name, client_key(number), f"Market Street {number}, {town}")],
    }
    if number == 1:
        client["plan"] = "PROFESSIONAL"
        client["members"] = [
            _member("client-owner", "Clara Janssens", "OWNER"),
            _member("client-viewer", "Colin Peeters", "VIEWER"),
        ]
    return client


def _agency() -> dict[str, Any]:
    some = [client_key(number) for number in range(1, VIEWER_CLIENTS + 1)]
    return {
        "key": "brightside",
        "name": "Brightside Reputation",
        "kind": "AGENCY",
        "plan": "ENTERPRISE",
        "timeZone": "Europe/Brussels",
        "country": "BE",
        "clients": [client_key(number) for number in range(1, CLIENTS + 1)],
        "members": [
            _member("agency-owner", "Ada Vermeulen", "OWNER"),
            _member("agency-admin", "Alan Dubois", "ADMIN"),
            _member("agency-viewer", "Vera Claes", "VIEWER") | {"clients": some},
        ],
        "locations": [_location("office", "Brightside Reputation", "brightside", "Kouter 1, 9000 Gent")],
    }


def _member(subject: str, name: str, role: str) -> dict[str, Any]:
    return {"subject": subject, "name": name, "email": f"{subject}@brightside.example", "role": role}


def _location(key: str, name: str, account: str, address: str) -> dict[str, Any]:
    return {
        "key": key,
        "name": name,
        "hours": {"EMAIL": "always", "SMS": "always"},
        "sender": {"name": name, "email": f"hello@{account}.example"},
        "postalAddress": address,
        "platforms": [{"key": "google", "name": "Google", "url": f"https://reviews.example.com/google/{account}"}],
    }
