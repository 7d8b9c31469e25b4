"""Exceptions for channels are enforced on every input that accepts channels, and read from the policy at run time."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from graphql import GraphQLInputObjectType, GraphQLSchema, get_named_type, is_input_object_type, is_object_type

import models
from models.rules import ids
from models.rules.enums import PlanTier, Role
from permissions.policy import EXCEPTIONS, Rule
from schema import root
from tests import factories as make
from tests.bulk_import.imports import add_sms_step, run_import
from tests.gateway import Api, Json
from tests.resolvers.test_bulk_imports import begin, list_of, upload
from tests.resolvers.test_commands import ann, codes, invite
from tests.resolvers.test_import_control import start

SMS = "Channel.SMS"
NOT_IN_PLAN = [("CHANNEL_NOT_IN_PLAN", ["channels"])]


async def _invite(api: Api, user: models.User, location: str, channels: list[str]) -> Json:
    return await invite(api, user, ann(location, phone="0151 12345678", channels=channels))


async def _begin(api: Api, user: models.User, location: str, channels: list[str]) -> Json:
    given = list_of(location, await upload(api, user, "E-Mail,Phone\nann@example.org,0151 12345678\n"))
    given["mapping"].append({"column": "Phone", "field": "PHONE"})
    return await begin(api, user, given | {"channels": channels})


async def _start(api: Api, user: models.User, location: str, channels: list[str]) -> Json:
    place = await models.Location.get(id=ids.parse_id(ids.LOCATION, location))
    key = await run_import(place, "Ann,A,ann@example.org,0151 12345678", dry_run=True)
    return await start(api, user, key, channels=channels)


SENDERS = {
    "InviteCustomerInput.channels": _invite,
    "BulkImportInput.channels": _begin,
    "StartBulkImportInput.channels": _start,
}
"""For each input, a function that sends it with the given channels."""
SENDING_NOTHING = {"RecordOptOutInput.channels"}
"""Inputs whose channels need no plan: a customer can opt out of every channel."""


async def refusals(
    api: Api,
    input_field: str,
    *,
    channels: list[str],
    plan: PlanTier = PlanTier.PROFESSIONAL,
    role: Role = Role.OWNER,
    **settings: object,
) -> list[tuple[str, list[str] | None]]:
    """The codes and fields of the user errors in a new account; empty if the mutation succeeds."""
    account = await make.account(plan=plan, **settings)
    location = await add_sms_step(await make.location(account, steps=(0,)), number=2)
    user = await make.member(account, role)
    return codes(await SENDERS[input_field](api, user, ids.public_id(ids.LOCATION, location.id), channels))


def channel_inputs(schema: GraphQLSchema) -> Iterator[str]:
    """The input fields and arguments of type Channel."""
    for kind in schema.type_map.values():
        if is_input_object_type(kind):
            assert isinstance(kind, GraphQLInputObjectType)
            yield from (f"{kind.name}.{name}" for name, one in kind.fields.items() if _is_channel(one.type))
        elif is_object_type(kind):
            for name, field in kind.fields.items():
                yield from (f"{kind.name}.{name}({key})" for key, one in field.args.items() if _is_channel(one.type))


def _is_channel(kind: object) -> bool:
    return str(get_named_type(kind)) == "Channel"  # type: ignore[call-overload]


def test_every_input_that_accepts_channels_is_tested() -> None:
    assert set(channel_inputs(root.build().core)) - SENDING_NOTHING == SENDERS.keys()


@pytest.mark.parametrize("input_field", SENDERS)
async def test_plan_without_sms_sends_email_only(api: Api, input_field: str) -> None:
    overrides = {"sms": False, "bulk_import": True, "upload_megabytes": 1, "upload_rows": 10}
    assert (
        await refusals(api, input_field, channels=["EMAIL", "SMS"], plan=PlanTier.FREE, overrides=overrides)
        == NOT_IN_PLAN
    )
    assert await refusals(api, input_field, channels=["EMAIL"], plan=PlanTier.FREE, overrides=overrides) == []


@pytest.mark.parametrize("input_field", SENDERS)
async def test_plan_or_account_override_grants_sms(api: Api, input_field: str) -> None:
    overrides = {"sms": True, "bulk_import": True, "upload_megabytes": 1, "upload_rows": 10}
    assert await refusals(api, input_field, channels=["SMS"]) == []
    assert await refusals(api, input_field, channels=["SMS"], plan=PlanTier.FREE_TRIAL, overrides=overrides) == []


@pytest.mark.usefixtures("policy_tables")
@pytest.mark.parametrize("input_field", SENDERS)
async def test_every_plan_sends_sms_without_the_exception(api: Api, input_field: str) -> None:
    del EXCEPTIONS[SMS]
    assert await refusals(api, input_field, channels=["SMS"], overrides={"sms": False}) == []


@pytest.mark.usefixtures("policy_tables")
@pytest.mark.parametrize("input_field", SENDERS)
async def test_roles_of_an_exception_are_enforced(api: Api, input_field: str) -> None:
    EXCEPTIONS[SMS] = replace(EXCEPTIONS[SMS], roles=frozenset({Role.OWNER}))
    assert await refusals(api, input_field, channels=["SMS"], role=Role.MANAGER) == NOT_IN_PLAN
    assert await refusals(api, input_field, channels=["SMS"], role=Role.OWNER) == []


@pytest.mark.usefixtures("policy_tables")
@pytest.mark.parametrize("input_field", SENDERS)
async def test_exception_for_another_channel_is_enforced(api: Api, input_field: str) -> None:
    EXCEPTIONS["Channel.EMAIL"] = Rule("Sending e-mail", grant="boosts")
    assert await refusals(api, input_field, channels=["EMAIL"], overrides={"boosts": False}) == NOT_IN_PLAN
    assert await refusals(api, input_field, channels=["EMAIL"]) == []
