"""The @access directive, and what it does: a look-up in the seat of the parent's account, never a wait."""

from collections.abc import Callable
from typing import Any, Protocol
from uuid import UUID

import strawberry
from graphql import GraphQLError, GraphQLResolveInfo, GraphQLSchema, default_field_resolver
from strawberry.schema_directive import Location
from strawberry.types.field import StrawberryField

from models.enums import AccountKind, PlanTier, Role
from permissions.capability import may
from permissions.policy import POLICY, Rule
from permissions.viewer import Seat

Path = tuple[str, ...]


class Seated(Protocol):
    """What the guard needs of an operation's context."""

    seats: dict[UUID, Seat]
    denied: set[Path]


@strawberry.schema_directive(locations=[Location.FIELD_DEFINITION], name="access")
class Access:
    """Who may see or do this, by the viewer's seat. Hidden: null without an error for all others."""

    roles: list[Role] | None = strawberry.UNSET
    plans: list[PlanTier] | None = strawberry.UNSET
    kinds: list[AccountKind] | None = strawberry.UNSET
    hidden: bool | None = strawberry.UNSET
    rule: strawberry.Private[Rule | None] = None


def access(coordinate: str) -> Access:
    """The directive of a coordinate of the policy; only what narrows is printed."""
    rule = POLICY[coordinate]
    narrowed: dict[str, Any] = {
        name: [one for one in kind if one in getattr(rule, name)]
        for name, kind in (("roles", Role), ("plans", PlanTier), ("kinds", AccountKind))
        if getattr(rule, name) != frozenset(kind)
    }
    if rule.hidden:
        narrowed["hidden"] = True
    return Access(rule=rule, **narrowed)


def forbidden(rule: Rule, seat: Seat | None, coordinate: str) -> GraphQLError:
    """One sentence why, and what it would take; what is no obstacle is left out."""
    requires: dict[str, list[str]] = {}
    reason = f"You may not {rule.what} here."
    if seat is not None:
        reason = may(rule, seat).reason or reason
        if rule.wrong_role(seat):
            requires["roles"] = [str(role) for role in Role if role in rule.roles]
        if rule.wrong_plan(seat):
            requires["plans"] = [str(plan) for plan in PlanTier if plan in rule.plans]
        if rule.wrong_kind(seat):
            requires["kinds"] = [str(kind) for kind in AccountKind if kind in rule.kinds]
    return GraphQLError(reason, extensions={"code": "FORBIDDEN", "coordinate": coordinate, "requires": requires})


def require(coordinate: str, seat: Seat | None) -> None:
    """For fields without a parent, which decide in their resolver."""
    rule = POLICY[coordinate]
    if not rule.admits(seat):
        raise forbidden(rule, seat, coordinate)


def guard(schema: GraphQLSchema) -> None:
    """Puts the look-up before each field that has the directive; root fields decide in their resolvers."""
    roots = {schema.query_type, schema.mutation_type, schema.subscription_type}
    for kind in schema.type_map.values():
        if kind in roots:
            continue
        for name, field in getattr(kind, "fields", {}).items():
            rule = _rule_of(field.extensions.get("strawberry-definition"))
            if rule is not None:
                field.resolve = _guarded(field.resolve or default_field_resolver, rule, f"{kind.name}.{name}")


def _rule_of(definition: object) -> Rule | None:
    if not isinstance(definition, StrawberryField):
        return None
    return next((one.rule for one in definition.directives if isinstance(one, Access)), None)


def _guarded(resolve: Callable[..., Any], rule: Rule, coordinate: str) -> Callable[..., Any]:
    def resolve_if_admitted(parent: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        context: Seated = info.context
        seat = context.seats.get(parent.account_id)
        if rule.admits(seat):
            return resolve(parent, info, **arguments)
        selection = tuple(key for key in info.path.as_list() if isinstance(key, str))
        if rule.hidden or selection in context.denied:
            return None
        context.denied.add(selection)
        raise forbidden(rule, seat, coordinate)

    return resolve_if_admitted
