"""docs/access.md, printed from the table: who may what, for people."""

from permissions.policy import POLICY, Rule


def documented() -> str:
    lines = [
        "# Who may what",
        "",
        "Printed from `permissions/policy.py` by `make access`. What is not here is open to every member, within their own",
        "accounts and locations; what lies outside these does not exist for them. `POST /uploads` goes by",
        "`Mutation.bulkImport`. SMS as a channel takes a plan that has it.",
        "",
        "A member of an agency acts in its clients too: its Owner and Admin as Admin in all of them, its Manager and",
        "Viewer as themselves in those assigned. Kinds of account do not bind such a seat.",
        "",
        "Denied: null and one error FORBIDDEN for each selection. Hidden: null without an error.",
        "",
        "| what | roles | plans | kinds of account | denied is |",
        "| --- | --- | --- | --- | --- |",
    ]
    return "\n".join([*lines, *(_row(coordinate, rule) for coordinate, rule in POLICY.items())]) + "\n"


def _row(coordinate: str, rule: Rule) -> str:
    cells = [f"`{coordinate}`", *(_names(part) for part in (rule.roles, rule.plans, rule.kinds))]
    return f"| {' | '.join(cells)} | {'hidden' if rule.hidden else 'an error'} |"


def _names(allowed: frozenset[str]) -> str:
    """In the order of the enum; all of them are `all`."""
    every = list(type(next(iter(allowed))))  # type: ignore[call-overload]
    return "all" if len(allowed) == len(every) else ", ".join(one for one in every if one in allowed)


if __name__ == "__main__":
    print(documented(), end="")
