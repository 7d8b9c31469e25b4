"""Root fields require a viewer, since they have no parent whose account could be checked."""

import gc

import pytest
from graphql import DocumentNode, GraphQLError

from models.rules.ids import uuid7
from resolvers.context import Context, Shared
from resolvers.cursors import CursorBox
from resolvers.live import Live
from schema import root
from tests import factories as make
from tests.gateway import Api, receive, subscribe

WHEN = "2026-05-01T10:00:00Z"
REVIEW = f'{{locationId: "x", platform: "x", externalId: "x", reviewerName: "x", reviewedOn: "{WHEN}"}}'
FIELDS = {
    "query": {"viewer": "", "node": '(id: "x")', "nodes": '(ids: ["x"])', "account": "", "agency": ""},
    "mutation": {
        "inviteCustomer": '(input: {locationId: "x", channels: [EMAIL]})',
        "stopInvitation": '(input: {invitationId: "x"})',
        "restartInvitation": '(input: {invitationId: "x"})',
        "bulkImport": '(input: {locationId: "x", name: "x", uploadId: "x", mapping: [], channels: []})',
        "startBulkImport": '(input: {bulkImportId: "x"})',
        "pauseBulkImport": '(input: {bulkImportId: "x"})',
        "resumeBulkImport": '(input: {bulkImportId: "x"})',
        "cancelBulkImport": '(input: {bulkImportId: "x"})',
        "previewBulkImport": '(input: {uploadId: "x"})',
        "recordReview": f"(input: {REVIEW})",
        "previewMessage": '(input: {locationId: "x", step: 1})',
        "sendTestMessage": '(input: {locationId: "x", step: 1})',
        "recordOptOut": '(input: {customerId: "x"})',
        "liftSuppression": '(input: {suppressionId: "x", reason: "x"})',
        "settleMessage": '(input: {messageId: "x", outcome: SENT})',
        "releaseInvitation": '(input: {invitationId: "x"})',
        "releaseLocation": '(input: {locationId: "x"})',
    },
}
ALL = [(kind, name) for kind, fields in FIELDS.items() for name in fields]


def context_without_viewer(db: str) -> Context:
    return Context(Shared(CursorBox(("a secret",)), Live(db)))


def test_every_root_field_is_tested_here() -> None:
    core = root.build().core
    assert core.query_type is not None
    assert core.mutation_type is not None
    assert core.query_type.fields.keys() == FIELDS["query"].keys()
    assert core.mutation_type.fields.keys() == FIELDS["mutation"].keys()


@pytest.mark.parametrize(("kind", "name"), ALL)
async def test_root_fields_require_a_viewer(db: str, kind: str, name: str) -> None:
    document = f"{kind} {{ {name}{FIELDS[kind][name]} {{ __typename }} }}"
    answer = await root.build().execute(document, context_value=context_without_viewer(db))
    assert answer.data is None
    assert [error.extensions for error in answer.errors or []] == [{"code": "UNAUTHENTICATED"}]


async def test_subscription_requires_a_viewer(db: str) -> None:
    make_key = f"imp_{uuid7().hex}"
    stream = root.build().stream(
        f'subscription {{ importProgress(bulkImportId: "{make_key}") {{ seq }} }}',
        context_value=context_without_viewer(db),
    )
    results = [result async for result in await stream]
    errors: list[GraphQLError] = [error for result in results for error in getattr(result, "errors", None) or []]
    assert [getattr(result, "data", None) for result in results] == [{"importProgress": None}]
    assert len(errors) == 1


async def test_deleted_user_is_unauthenticated_on_an_open_websocket(api: Api) -> None:
    user = await make.member(await make.account())
    async with api.connected(user) as socket:
        await subscribe(socket, "{ viewer { name } }")
        assert (await receive(socket))["payload"]["data"]["viewer"]["name"] == user.name
        await receive(socket)
        await user.delete()
        await subscribe(socket, "{ viewer { name } }", "2")
        (error,) = (await receive(socket))["payload"]
        assert error["extensions"]["code"] == "UNAUTHENTICATED"


def parsed_copies(text: str) -> int:
    """The number of parsed copies of this document in memory."""
    gc.collect()
    # isinstance would ask proxies, also those of what no longer exists.
    documents = [one for one in gc.get_objects() if type(one) is DocumentNode]
    return sum(one.loc is not None and one.loc.source.body == text for one in documents)


@pytest.mark.parametrize(("characters", "number"), [(9_000, 1), (11_000, 0)])
async def test_documents_are_cached_unless_long(db: str, characters: int, number: int) -> None:
    text = f"{{ viewer {{ name }} }} #{make.unique('x')}".ljust(characters, "x")
    schema = root.build()
    for _ in range(2):
        answer = await schema.execute(text, context_value=context_without_viewer(db))
        assert [error.extensions for error in answer.errors or []] == [{"code": "UNAUTHENTICATED"}]
    del answer
    assert parsed_copies(text) == number


@pytest.mark.parametrize("text", ["{ __schema { types { name } } }", '{ __type(name: "Query") { name } }'])
async def test_introspection_can_be_disabled(db: str, text: str) -> None:
    refused = await root.build(introspection=False).execute(text, context_value=context_without_viewer(db))
    assert [error.message for error in refused.errors or []] == [
        "Introspection is disabled; set PLAUDIT_INTROSPECTION=on to enable it."
    ]
    allowed = await root.build().execute(text, context_value=context_without_viewer(db))
    assert [error.extensions for error in allowed.errors or []] == [{"code": "UNAUTHENTICATED"}]


async def test_typename_works_without_introspection(db: str) -> None:
    answer = await root.build(introspection=False).execute("{ __typename }", context_value=context_without_viewer(db))
    assert [error.extensions for error in answer.errors or []] == [{"code": "UNAUTHENTICATED"}]
