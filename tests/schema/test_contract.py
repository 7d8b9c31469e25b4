"""The printed schema, the contract, descriptions, and the policy's coverage of the schema."""

import re
from collections.abc import Iterator
from importlib.resources import files

import pytest
from graphql import (
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
    find_breaking_changes,
    get_named_type,
    is_introspection_type,
    is_specified_scalar_type,
)
from strawberry.types.field import StrawberryField

from permissions.access import Access
from permissions.policy import OPEN, POLICY, PolicyMismatchError
from schema import root
from schema.root import Schema


@pytest.fixture(scope="module")
def built() -> Schema:
    return root.build()


def _text(name: str) -> str:
    return files("schema").joinpath(name).read_text("utf-8")


def _guarded(schema: GraphQLSchema) -> Iterator[tuple[str, StrawberryField, object]]:
    for kind in schema.type_map.values():
        for name, field in getattr(kind, "fields", {}).items():
            definition = field.extensions.get("strawberry-definition")
            if isinstance(definition, StrawberryField) and any(
                isinstance(one, Access) for one in definition.directives
            ):
                yield f"{kind.name}.{name}", definition, field.type


def test_printed_schema_is_up_to_date(built: Schema) -> None:
    assert _text("schema.graphql") == built.as_str() + "\n", "run `make schema` to update it"


def test_schema_keeps_the_contract(built: Schema) -> None:
    changes = find_breaking_changes(build_schema(_text("contract.graphql")), built.core)
    assert [change.description for change in changes] == []


def test_every_type_and_field_has_a_description(built: Schema) -> None:
    own = [
        kind
        for kind in built.core.type_map.values()
        if not is_introspection_type(kind) and not is_specified_scalar_type(kind)
    ]
    undescribed = {kind.name for kind in own if not kind.description} - {"Mutation"}
    for kind in own:
        undescribed |= {
            f"{kind.name}.{name}" for name, field in getattr(kind, "fields", {}).items() if not field.description
        }
    assert undescribed == set()


def test_every_guarded_field_is_nullable(built: Schema) -> None:
    found = list(_guarded(built.core))
    assert {coordinate for coordinate, _, _ in found} == {one for one in POLICY if "." in one}
    assert [coordinate for coordinate, _, kind in found if isinstance(kind, GraphQLNonNull)] == []


def test_guarded_type_is_reachable_only_through_guarded_fields(built: Schema) -> None:
    """Or through types that only such fields return; `node` and `nodes` check the policy themselves."""
    carriers = {"BulkImportConnection", "BulkImportEdge", "BulkImportPayload", "ImportProgress"}
    guarded = {coordinate for coordinate, _, _ in _guarded(built.core)}
    for kind in built.core.type_map.values():
        for name, field in getattr(kind, "fields", {}).items():
            leads_to = get_named_type(field.type).name
            if isinstance(kind, GraphQLObjectType) and leads_to in {"BulkImport", *carriers}:
                assert f"{kind.name}.{name}" in guarded or kind.name in {"BulkImport", *carriers}


def test_types_with_guarded_fields_have_an_account_id(built: Schema) -> None:
    roots = {"Query", "Mutation", "Subscription"}
    owners = {coordinate.partition(".")[0] for coordinate, _, _ in _guarded(built.core)} - roots
    assert owners == {"Account", "Invitation", "UsageSummary"}
    for name in owners:
        kind = built.core.type_map[name]
        assert isinstance(kind, GraphQLObjectType)
        origin = kind.extensions["strawberry-definition"].origin
        assert "account_id" in origin.__annotations__ or hasattr(origin, "account_id")


def test_every_mutation_and_subscription_is_guarded(built: Schema) -> None:
    """A new one without a rule is a mistake, except for what every member can read as a field of an object too."""
    guarded = {coordinate for coordinate, _, _ in _guarded(built.core)} | {"Subscription.customerActivity"}
    for kind in (built.core.mutation_type, built.core.subscription_type):
        assert kind is not None
        assert {f"{kind.name}.{name}" for name in kind.fields} <= guarded


def test_directive_and_description_state_the_rule(built: Schema) -> None:
    printed = built.as_str()
    assert "allowance: Int @access(kinds: [BUSINESS, AGENCY], hidden: true)" in printed
    assert "type BulkImport implements Node @access(roles: [OWNER, ADMIN, MANAGER]) {" in printed
    assert re.search(
        r"\n  bulkImport\(.*\): BulkImportPayload @access\(roles: \[OWNER, ADMIN, MANAGER\], plans: ", printed
    )
    assert built.core.mutation_type is not None
    assert (built.core.mutation_type.fields["bulkImport"].description or "").endswith(
        "For Owner, Admin and Manager, on the plans Starter, Professional and Enterprise. "
        "Otherwise null, with a FORBIDDEN error."
    )


@pytest.mark.parametrize(
    ("name", "rules", "words"),
    [
        ("Customer", "OPEN", "permissions/policy.py has no rule for Customer.email"),
        ("UsageSummary.remaining", "POLICY", "permissions/policy.py has no rule for UsageSummary.remaining"),
        ("Account.bulkImprots", "typo", "permissions/policy.py names Account.bulkImprots, which the schema does not"),
    ],
)
@pytest.mark.usefixtures("policy_tables")
def test_schema_that_differs_from_the_policy_is_not_built(name: str, rules: str, words: str) -> None:
    if rules == "OPEN":
        OPEN[name] = OPEN[name].replace(" email", "")
    elif rules == "POLICY":
        del POLICY[name]
    else:
        POLICY[name] = POLICY["Account.bulkImports"]
    with pytest.raises(PolicyMismatchError, match=re.escape(words)):
        root.build()
