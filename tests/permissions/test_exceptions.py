"""Channels that the policy keeps from a seat: asked for by every input that takes channels, decided at run time."""

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
from tests.asking import Api, Json
from tests.bulk_import.lists import by_sms
from tests.resolvers.test_bulk_imports import begin, list_of, upload
from tests.resolvers.test_commands import ann, codes, invite

SMS = "Channel.SMS"
NOT_IN_PLAN = [("CHANNEL_NOT_IN_PLAN", ["channels"])]


async def _invite(api: Api, who: models.User, location: str, channels: list[str]) -> Json:
    return await invite(api, who, ann(location, phone="0151 12345678", channels=channels))


async def _begin(api: Api, who: models.User, location: str, channels: list[str]) -> Json:
    return await begin(api, who, list_of(location, await upload(api, who)) | {"channels": channels})


ASKING = {"InviteCustomerInput.channels": _invite, "BulkImportInput.channels": _begin}
"""By input: how to ask for channels with it."""


async def refused(
    api: Api,
    given: str,
    *,
    channels: list[str],
    plan: PlanTier = PlanTier.PROFESSIONAL,
    role: Role = Role.OWNER,
    **of: object,
) -> list[tuple[str, list[str] | None]]:
    """Codes and fields of a fresh account's refusals; none: what was asked for was done."""
    account = await make.account(plan=plan, **of)
    location = await by_sms(await make.location(account, steps=(0,)), number=2)
    who = await make.member(account, role)
    return codes(await ASKING[given](api, who, ids.public_id(ids.LOCATION, location.id), channels))


def taking_channels(schema: GraphQLSchema) -> Iterator[str]:
    """Fields of inputs and arguments of fields whose type is Channel."""
    for kind in schema.type_map.values():
        if is_input_object_type(kind):
            assert isinstance(kind, GraphQLInputObjectType)
            yield from (f"{kind.name}.{name}" for name, one in kind.fields.items() if _is_channel(one.type))
        elif is_object_type(kind):
            for name, field in kind.fields.items():
                yield from (f"{kind.name}.{name}({key})" for key, one in field.args.items() if _is_channel(one.type))


def _is_channel(kind: object) -> bool:
    return str(get_named_type(kind)) == "Channel"  # type: ignore[call-overload]


def test_every_input_that_takes_channels_is_asked_here() -> None:
    assert set(taking_channels(root.build().core)) == ASKING.keys()


@pytest.mark.parametrize("given", ASKING)
async def test_a_plan_without_sms_is_refused_sms_and_sends_by_email(api: Api, given: str) -> None:
    without = {"sms": False, "bulk_import": True, "upload_megabytes": 1, "upload_rows": 10}
    assert await refused(api, given, channels=["EMAIL", "SMS"], plan=PlanTier.FREE, overrides=without) == NOT_IN_PLAN
    assert await refused(api, given, channels=["EMAIL"], plan=PlanTier.FREE, overrides=without) == []


@pytest.mark.parametrize("given", ASKING)
async def test_a_plan_with_sms_sends_by_it_and_so_does_an_account_that_has_it_alone(api: Api, given: str) -> None:
    also = {"sms": True, "bulk_import": True, "upload_megabytes": 1, "upload_rows": 10}
    assert await refused(api, given, channels=["SMS"]) == []
    assert await refused(api, given, channels=["SMS"], plan=PlanTier.FREE_TRIAL, overrides=also) == []


@pytest.mark.usefixtures("tables")
@pytest.mark.parametrize("given", ASKING)
async def test_without_the_exception_every_plan_sends_by_sms(api: Api, given: str) -> None:
    del EXCEPTIONS[SMS]
    assert await refused(api, given, channels=["SMS"], overrides={"sms": False}) == []


@pytest.mark.usefixtures("tables")
@pytest.mark.parametrize("given", ASKING)
async def test_the_exception_s_roles_count_too(api: Api, given: str) -> None:
    EXCEPTIONS[SMS] = replace(EXCEPTIONS[SMS], roles=frozenset({Role.OWNER}))
    assert await refused(api, given, channels=["SMS"], role=Role.MANAGER) == NOT_IN_PLAN
    assert await refused(api, given, channels=["SMS"], role=Role.OWNER) == []


@pytest.mark.usefixtures("tables")
@pytest.mark.parametrize("given", ASKING)
async def test_an_exception_for_another_channel_holds_at_once(api: Api, given: str) -> None:
    EXCEPTIONS["Channel.EMAIL"] = Rule("send by e-mail", grant="boosts")
    assert await refused(api, given, channels=["EMAIL"], overrides={"boosts": False}) == NOT_IN_PLAN
    assert await refused(api, given, channels=["EMAIL"]) == []
