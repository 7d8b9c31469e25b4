"""The @access directive and its check, which uses the viewer's seat in the parent's account, without I/O."""

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
from permissions.capability import decide, join_titles, kinds_of, plans_of, roles_of
from permissions.policy import EXCEPTIONS, POLICY, PolicyMismatchError, Rule, stale, uncovered
from permissions.viewer import Seat

Path = tuple[str, ...]


class SeatContext(Protocol):
    """The part of an operation's context that the guard reads."""

    seats: dict[UUID, Seat]
    denied: set[Path]


@strawberry.schema_directive(locations=[Location.FIELD_DEFINITION, Location.OBJECT], name="access")
class Access:
    """Who may see or do this, by the viewer's seat. With hidden, others get null without an error."""

    roles: list[Role] | None = strawberry.UNSET
    plans: list[PlanTier] | None = strawberry.UNSET
    kinds: list[AccountKind] | None = strawberry.UNSET
    hidden: bool | None = strawberry.UNSET


def _directive(rule: Rule) -> Access:
    """Prints only the requirements that exclude somebody."""
    parts = (
        ("roles", roles_of(rule), Role),
        ("plans", plans_of(rule), PlanTier),
        ("kinds", kinds_of(rule), AccountKind),
    )
    narrowed: dict[str, Any] = {name: list(part) for name, part, whole in parts if len(part) < len(whole)}
    if rule.hidden:
        narrowed["hidden"] = True
    return Access(**narrowed)


def description_of(rule: Rule) -> str:
    """The rule in words, for the description of the field it guards."""
    parts = []
    if len(roles_of(rule)) < len(Role):
        parts.append(f"for {join_titles(roles_of(rule), conjunction='and')}")
    if len(plans_of(rule)) < len(PlanTier):
        parts.append(f"on the plans {join_titles(plans_of(rule), conjunction='and')}")
    if len(kinds_of(rule)) < len(AccountKind):
        parts.append("not for an agency client's own members")
    requirements = ", ".join(parts)
    otherwise = "Otherwise null, without an error." if rule.hidden else "Otherwise null, with a FORBIDDEN error."
    return f"{requirements[:1].upper()}{requirements[1:]}. {otherwise}"


def forbidden(coordinate: str, seat: Seat | None) -> GraphQLError:
    """The error for a denied field: the reason, and in `requires` the requirements that the seat fails."""
    rule = POLICY[coordinate]
    if seat is None:
        return _refusal(f"{rule.action} requires access to this account.", coordinate, {})
    decision = decide(rule, seat)
    required = {
        "roles": decision.required_roles,
        "plans": decision.required_plans,
        "kinds": decision.required_kinds,
    }
    return _refusal(decision.reason or "", coordinate, {name: list(one) for name, one in required.items() if one})


def _refusal(reason: str, coordinate: str, requires: dict[str, list[Any]]) -> GraphQLError:
    return GraphQLError(reason, extensions={"code": "FORBIDDEN", "coordinate": coordinate, "requires": requires})


def require(coordinate: str, seat: Seat | None) -> None:
    """Raises FORBIDDEN unless the rule admits the seat; for root fields, which have no parent to check."""
    if not POLICY[coordinate].admits(seat):
        raise forbidden(coordinate, seat)


def require_channels(channels: Collection[Channel], seat: Seat) -> None:
    """Raises ChannelNotInPlan for a channel that an exception denies this seat; every mutation with channels calls it."""
    for channel in channels:
        rule = EXCEPTIONS.get(f"Channel.{channel}")
        if rule is not None and not rule.admits(seat):
            raise ChannelNotInPlan(f"{decide(rule, seat).reason} Remove {channel} from channels.", ["channels"])


def guard(schema: GraphQLSchema) -> None:
    """Adds the directive, the description and the check to every field and type in the policy. Raises PolicyMismatchError if
    the policy and the schema differ, so that a field without a rule keeps the gateway from starting."""
    _check_coverage(schema)
    roots = {schema.query_type, schema.mutation_type, schema.subscription_type}
    for kind in schema.type_map.values():
        _set_directive(kind.extensions.get("strawberry-definition"), POLICY.get(kind.name))
        if kind.name in POLICY:
            kind.description = f"{kind.description} {description_of(POLICY[kind.name])}"
        for name, field in _fields(kind):
            coordinate = f"{kind.name}.{name}"
            rule = POLICY.get(coordinate)
            _set_directive(field.extensions.get("strawberry-definition"), rule)
            if rule is None:
                continue
            field.description = f"{field.description} {description_of(rule)}"
            if kind not in roots:
                field.resolve = _guarded(field.resolve or default_field_resolver, rule, coordinate)


def _set_directive(definition: Any, rule: Rule | None) -> None:
    """Replaces the directive on Strawberry's definition, which outlives the schema and may have one from an older rule."""
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


def _check_coverage(schema: GraphQLSchema) -> None:
    fields = {f"{kind.name}.{name}" for kind in schema.type_map.values() for name, _ in _fields(kind)}
    if gaps := uncovered(fields):
        raise PolicyMismatchError(
            f"permissions/policy.py has no rule for {', '.join(gaps)}. Add one to POLICY, or list the field in OPEN if "
            "every member may see it."
        )
    if strays := stale(fields | set(_names(schema))):
        raise PolicyMismatchError(
            f"permissions/policy.py names {', '.join(strays)}, which the schema does not have. Remove or rename it."
        )


def _names(schema: GraphQLSchema) -> Iterator[str]:
    for kind in schema.type_map.values():
        yield kind.name
        if isinstance(kind, GraphQLEnumType):
            yield from (f"{kind.name}.{value}" for value in kind.values)


def _guarded(resolve: Callable[..., Any], rule: Rule, coordinate: str) -> Callable[..., Any]:
    def resolve_if_admitted(parent: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        context: SeatContext = info.context
        seat = context.seats.get(parent.account_id)
        if rule.admits(seat):
            return resolve(parent, info, **arguments)
        if rule.hidden:
            return None
        selection = tuple(key for key in info.path.as_list() if isinstance(key, str))
        if selection in context.denied:
            return None
        context.denied.add(selection)
        raise forbidden(coordinate, seat)

    resolve_if_admitted.rule = rule  # type: ignore[attr-defined] # for schema.compiled
    return resolve_if_admitted
