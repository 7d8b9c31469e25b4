"""The @access directive, and what it does: a look-up in the seat of the parent's account, never a wait."""

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any, Protocol
from uuid import UUID

import strawberry
from graphql import (
    GraphQLEnumType,
    GraphQLError,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    default_field_resolver,
    is_introspection_type,
)
from strawberry.schema_directive import Location

from models.rules.enums import AccountKind, Channel, PlanTier, Role
from models.rules.errors import ChannelNotInPlan
from permissions.capability import kinds_of, may, plans_of, roles_of, words
from permissions.policy import EXCEPTIONS, POLICY, Rule, UncoveredError, stale, uncovered
from permissions.viewer import Seat

Path = tuple[str, ...]


class Seated(Protocol):
    """What the guard needs of an operation's context."""

    seats: dict[UUID, Seat]
    denied: set[Path]


@strawberry.schema_directive(locations=[Location.FIELD_DEFINITION, Location.OBJECT], name="access")
class Access:
    """Who may see or do this, by the viewer's seat. Hidden: null without an error for all others."""

    roles: list[Role] | None = strawberry.UNSET
    plans: list[PlanTier] | None = strawberry.UNSET
    kinds: list[AccountKind] | None = strawberry.UNSET
    hidden: bool | None = strawberry.UNSET


def _directive(rule: Rule) -> Access:
    """Only what narrows is printed."""
    parts = (
        ("roles", roles_of(rule), Role),
        ("plans", plans_of(rule), PlanTier),
        ("kinds", kinds_of(rule), AccountKind),
    )
    narrowed: dict[str, Any] = {name: list(part) for name, part, whole in parts if len(part) < len(whole)}
    if rule.hidden:
        narrowed["hidden"] = True
    return Access(**narrowed)


def described(rule: Rule) -> str:
    """The rule in words, as descriptions of the schema tell it."""
    parts = []
    if len(roles_of(rule)) < len(Role):
        parts.append(f"for {words(roles_of(rule), joint='and')}")
    if len(plans_of(rule)) < len(PlanTier):
        parts.append(f"on the plans {words(plans_of(rule), joint='and')}")
    if len(kinds_of(rule)) < len(AccountKind):
        parts.append("not for an agency client's own members")
    told = ", ".join(parts)
    others = "Otherwise null, without an error." if rule.hidden else "Otherwise null, with a FORBIDDEN error."
    return f"{told[:1].upper()}{told[1:]}. {others}"


def forbidden(coordinate: str, seat: Seat | None) -> GraphQLError:
    """One sentence why, and what it would take; what is no obstacle is left out."""
    rule = POLICY[coordinate]
    if seat is None:
        return _refusal(f"You may not {rule.what} here.", coordinate, {})
    verdict = may(rule, seat)
    required = {
        "roles": verdict.required_roles,
        "plans": verdict.required_plans,
        "kinds": verdict.required_kinds,
    }
    return _refusal(verdict.reason or "", coordinate, {name: list(one) for name, one in required.items() if one})


def _refusal(reason: str, coordinate: str, requires: dict[str, list[Any]]) -> GraphQLError:
    return GraphQLError(reason, extensions={"code": "FORBIDDEN", "coordinate": coordinate, "requires": requires})


def require(coordinate: str, seat: Seat | None) -> None:
    """For what has no parent, and decides in its resolver."""
    if not POLICY[coordinate].admits(seat):
        raise forbidden(coordinate, seat)


def require_channels(channels: Collection[Channel], seat: Seat) -> None:
    """For every mutation that takes channels; raises ChannelNotInPlan for one that an exception keeps from this seat."""
    for channel in channels:
        rule = EXCEPTIONS.get(f"Channel.{channel}")
        if rule is not None and not rule.admits(seat):
            raise ChannelNotInPlan(f"{may(rule, seat).reason} Leave {channel} out of channels.", ["channels"])


def guard(schema: GraphQLSchema) -> None:
    """Puts directive, description and look-up on whatever the policy names. Raises UncoveredError where the two do not
    fit: what no rule covers is denied to everybody, by not starting."""
    _refuse_gaps(schema)
    roots = {schema.query_type, schema.mutation_type, schema.subscription_type}
    for kind in schema.type_map.values():
        _mark(kind.extensions.get("strawberry-definition"), POLICY.get(kind.name))
        if kind.name in POLICY:
            kind.description = f"{kind.description} {described(POLICY[kind.name])}"
        for name, field in _fields(kind):
            coordinate = f"{kind.name}.{name}"
            rule = POLICY.get(coordinate)
            _mark(field.extensions.get("strawberry-definition"), rule)
            if rule is None:
                continue
            field.description = f"{field.description} {described(rule)}"
            if kind not in roots:
                field.resolve = _guarded(field.resolve or default_field_resolver, rule, coordinate)


def _mark(definition: Any, rule: Rule | None) -> None:
    """What is printed; taken off again where a rule has gone, as definitions outlive a schema."""
    if definition is None:
        return
    others = [one for one in definition.directives or () if not isinstance(one, Access)]
    if len(others) < len(definition.directives or ()) or rule is not None:
        definition.directives = [*others, *([_directive(rule)] if rule else [])]


def _fields(kind: GraphQLNamedType) -> Iterable[tuple[str, GraphQLField]]:
    if is_introspection_type(kind) or not isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
        return ()
    fields: dict[str, GraphQLField] = kind.fields
    return fields.items()


def _refuse_gaps(schema: GraphQLSchema) -> None:
    fields = {f"{kind.name}.{name}" for kind in schema.type_map.values() for name, _ in _fields(kind)}
    if gaps := uncovered(fields):
        raise UncoveredError(
            f"{', '.join(gaps)}: no rule covers this, so nobody may see it; write it into permissions/policy.py, "
            "under POLICY with who may, or under OPEN for every member."
        )
    if strays := stale(fields | set(_names(schema))):
        raise UncoveredError(
            f"{', '.join(strays)}: permissions/policy.py names this, and the schema has no such thing."
        )


def _names(schema: GraphQLSchema) -> Iterator[str]:
    for kind in schema.type_map.values():
        yield kind.name
        if isinstance(kind, GraphQLEnumType):
            yield from (f"{kind.name}.{value}" for value in kind.values)


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
        raise forbidden(coordinate, seat)

    return resolve_if_admitted
