"""docs/access.md, printed from the tables: who may what, for people; and field by field, for frontends."""

from collections.abc import Iterable
from dataclasses import fields

from models.rules.enums import PlanTier, Role
from models.rules.plan import PLANS, PlanFacts
from permissions.capability import kinds_of, plans_of, roles_of, title
from permissions.policy import EXCEPTIONS, OPEN, POLICY, Rule

_HEAD = """# Who may what

Printed from `permissions/policy.py` and `models/rules/plan.py` by `make access`; the API decides by the same tables.

What lies outside a member's accounts and locations does not exist for them: they are told that there is no such thing,
never that it is forbidden. Within them, every member sees the customers, their invitations, timelines and reviews, the
usage of this billing period and the funnel. What takes more is here.
"""
_SEATS = """## Seats

- **An own membership** has a role in one account, for all of its locations or for some. For some: customers, imports,
  usage by location and the funnel are those of these locations alone, whichever way one asks.
- **Through an agency**: an agency's Owner and Admin act as Admin in every client account, its Manager and Viewer as
  themselves in the clients assigned to them. An own membership in a client stands before the agency's.
- **An agency client's own members** do not see what the whole account has used of its allowance, and buy no boosts: that
  is the agency's. Members of the agency see it.
- One request may touch several accounts; each answer is decided for the account that it belongs to.
"""
_DENIED = """## Field by field

Denied is null, with one error `FORBIDDEN` for each selection, whose `requires` says what it would take. Hidden is null
without an error. `can`, `canStop` and `canRestart` tell beforehand. Arguments and inputs inherit their field's rule,
save those below. `POST /uploads` goes by `Mutation.bulkImport`. A type's name stands for all of it, wherever it is
reached.

| what | roles | plans | kinds of account | denied is |
| --- | --- | --- | --- | --- |"""
_FIGURES = {
    "invitations": "Invitations in a billing cycle",
    "steps": "Steps of a sequence",
    "sms": "Send by SMS",
    "bulk_import": "Import lists",
    "boosts": "Buy boosts",
    "locations": "Locations",
    "upload_megabytes": "Size of a list, MB",
    "upload_rows": "Records of a list",
    "cost_per_minute": "Cost of queries a minute, points",
}


def documented() -> str:
    parts = [_HEAD, _by_role(), _by_plan(), _SEATS, _field_by_field(), _open()]
    return "\n".join(parts)


def _table(first: str, columns: Iterable[str], rows: Iterable[tuple[str, Iterable[str]]]) -> str:
    names = [title(column) for column in columns]
    head = [f"| {first} | {' | '.join(names)} |", f"| --- |{' --- |' * len(names)}"]
    return "\n".join([*head, *(f"| {name} | {' | '.join(cells)} |" for name, cells in rows)]) + "\n"


def _rules() -> list[Rule]:
    """Each once, in the table's order."""
    return list({rule.what: rule for rule in POLICY.values()}.values())


def _by_role() -> str:
    rows = [(_capital(rule.what), [_yes(role in rule.roles) for role in Role]) for rule in _rules()]
    return f"## By role\n\n{_table('', Role, rows)}"


def _by_plan() -> str:
    """What plans grant, and their figures; an account may have figures of its own."""
    names = [field.name for field in fields(PlanFacts)]
    assert names == list(_FIGURES), "every figure of a plan has its words"
    rows = [(_FIGURES[name], [_figure(getattr(PLANS[plan], name)) for plan in PlanTier]) for name in names]
    return f"## By plan\n\nAny figure can be another one for an account alone.\n\n{_table('', PlanTier, rows)}"


def _figure(value: object) -> str:
    if value is None:
        return "any"
    if isinstance(value, bool):
        return _yes(value)
    return f"{value:,}" if value else "-"


def _yes(allowed: bool) -> str:
    return "yes" if allowed else "-"


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _field_by_field() -> str:
    rows = [_row(coordinate, rule, "hidden" if rule.hidden else "an error") for coordinate, rule in POLICY.items()]
    rows += [_row(coordinate, rule, "`CHANNEL_NOT_IN_PLAN`") for coordinate, rule in EXCEPTIONS.items()]
    return "\n".join([_DENIED, *rows]) + "\n"


def _row(coordinate: str, rule: Rule, denied: str) -> str:
    parts = (roles_of(rule), plans_of(rule), kinds_of(rule))
    cells = [f"`{coordinate}`", *("all" if len(part) == len(type(part[0])) else ", ".join(part) for part in parts)]
    return f"| {' | '.join(cells)} | {denied} |"


def _open() -> str:
    lines = [f"- `{kind}`: {', '.join(f'`{name}`' for name in names.split())}" for kind, names in OPEN.items()]
    return "\n".join(["Open to every member within their accounts and locations:\n", *lines]) + "\n"


if __name__ == "__main__":
    print(documented(), end="")
