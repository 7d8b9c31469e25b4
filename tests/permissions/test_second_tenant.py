"""Requests by one tenant with another tenant's ids return none of its data; the two differ in one word."""

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from graphql import (
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)

import models
from models.clock import clock
from models.commands import agency_clients, answers
from models.commands.record_review import FoundReview, record_review
from models.connection import WORK, execute, pool, transaction
from models.rules import ids
from models.rules.enums import AccountKind
from schema import root
from tests import factories as make
from tests.gateway import Api, receive, subscribe

DEPTH = 9


@dataclass
class Tenant:
    """`word` is part of all its texts. `owner` is a member of the account, and `agency_owner` of its agency."""

    word: str
    owner: models.User
    agency_owner: models.User
    ids: dict[str, str]


async def tenant(word: str) -> Tenant:
    agency = await make.account(kind=AccountKind.AGENCY, name=f"Agency {word}")
    account = await make.account(kind=AccountKind.AGENCY_CLIENT, name=f"Client {word}", agency_id=agency.id)
    async with transaction(WORK) as tx:
        await agency_clients.refresh(tx, [account.id], clock.now())
    location = await make.location(account, name=f"Location {word}", goals=[])
    await execute(
        pool(WORK),
        "update review_platform set name = name || $2, url = url || $2 where location_id = $1",
        location.id,
        word,
    )
    ann = make.person(first_name=f"Ann {word}", last_name=f"Smith {word}", email=f"ann.{word}@example.com")
    invitation = await make.invited(location, ann, employee=f"Eve {word}", service=f"Cut {word}", source=f"Till {word}")
    message = await make.sent(invitation)
    imported = await make.bulk_import(location, name=f"List {word}", created_by=f"Mia {word}", error=f"Broken {word}")
    await _add_answers(location, message, word)
    await _add_import_error(account, invitation, imported, word)
    row = await models.Invitation.get(id=invitation)
    event = await models.ActivityEvent.filter(invitation_id=invitation).order_by("-occurred_at", "-id").first()
    review = await models.Review.get(customer_id=row.customer_id)
    assert event is not None
    owner, agency_owner = await make.member(account), await make.member(agency)
    return Tenant(
        word, owner, agency_owner,
        {
            "account": ids.public_id(ids.ACCOUNT, account.id), "agency": ids.public_id(ids.AGENCY, agency.id),
            "location": ids.public_id(ids.LOCATION, location.id), "customer": ids.public_id(ids.CUSTOMER, row.customer_id),
            "invitation": ids.public_id(ids.INVITATION, invitation), "event": ids.public_id(ids.EVENT, event.id),
            "review": ids.public_id(ids.REVIEW, review.id), "bulkImport": ids.public_id(ids.BULK_IMPORT, imported),
            "upload": ids.public_id(ids.UPLOAD, imported),
        },
    )  # fmt: skip


async def _add_answers(location: models.Location, message: object, word: str) -> None:
    found = FoundReview(
        location.account_id, location.id, "google", f"review-{word}", f"Ann {word}", clock.now(), 4.0, f"Good {word}",
        reply_url=f"https://example.com/{word}", email=f"ann.{word}@example.com",
    )  # fmt: skip
    key = (await models.Message.get(id=message)).id
    async with transaction(WORK) as tx:
        await answers.score(tx, key, 9, clock.now())
        await answers.note(tx, key, f"Dear {word}", clock.now())
        await answers.choose(tx, key, "google", clock.now())
        await record_review(tx, found, clock.now())


async def _add_import_error(account: models.Account, invitation: object, bulk_import: object, word: str) -> None:
    await execute(
        pool(WORK),
        "insert into import_row_error (bulk_import_id, account_id, row, ordinal, column_name, value, code, message) "
        "values ($1, $2, 1, 0, $3, $3, 'MALFORMED', $3)",
        bulk_import,
        account.id,
        word,
    )
    await execute(
        pool(WORK),
        "update invitation set bulk_import_id = $2, import_name = $3 where id = $1",
        invitation,
        bulk_import,
        word,
    )


# Documents generated from the schema


def select_all(schema: GraphQLSchema, kind: GraphQLNamedType, above: tuple[str, ...] = ()) -> str:
    """Selects every field without required arguments, as deep as possible without repeating a type, in short pages."""
    assert isinstance(kind, GraphQLObjectType)
    parts = []
    for name, field in kind.fields.items():
        inside = get_named_type(field.type)
        if any(is_required_argument(argument) for argument in field.args.values()):
            continue
        if is_leaf_type(inside):
            parts.append(name)
        elif inside.name not in above and len(above) < DEPTH:
            page = "(first: 3)" if "first" in field.args else ""
            parts.append(f"{name}{page} {{ {select_all(schema, inside, (*above, kind.name))} }}")
    return " ".join(["__typename", *parts])


def documents(schema: GraphQLSchema) -> Iterator[tuple[str, str]]:
    """A name and a document for each entry point that select everything below it; the variables are a tenant's ids."""

    def all_of(name: str) -> str:
        return select_all(schema, schema.type_map[name])

    by_type = {
        "account": "Account", "agency": "Agency", "location": "Location", "customer": "Customer", "invitation": "Invitation",
        "event": "ActivityEvent", "review": "LinkedReview", "bulkImport": "BulkImport",
    }  # fmt: skip
    for key, kind in by_type.items():
        yield f"node {key}", f"node(id: ${key}) {{ ... on {kind} {{ {all_of(kind)} }} }}"
        yield f"nodes {key}", f"nodes(ids: [${key}, ${key}]) {{ ... on {kind} {{ {all_of(kind)} }} }}"
    yield "account", f"account(id: $account) {{ {all_of('Account')} }}"
    yield "agency", f"agency(id: $agency) {{ {all_of('Agency')} }}"
    for key, kind in (("location", "Location"), ("customer", "Customer"), ("bulkImport", "BulkImport")):
        yield f"own account, {key}", f"account {{ {key}(id: ${key}) {{ {all_of(kind)} }} }}"
    customers = all_of("CustomerConnection")
    for name, criterion in (("location", "locationIds: [$location]"), ("import", "bulkImportId: $bulkImport")):
        yield f"own account, customers by {name}", f"account {{ customers(filter: {{{criterion}}}) {{ {customers} }} }}"
    yield "own account, usage", f"account {{ usage(locationId: $location) {{ {all_of('UsageSummary')} }} }}"
    yield "own account, funnel", f"account {{ funnel(locationId: $location) {{ {all_of('InvitationFunnel')} }} }}"


def operation(selection: str, kind: str = "query") -> str:
    used = sorted(set(re.findall(r"\$(\w+)", selection)))
    return f"{kind} ({', '.join(f'${name}: ID!' for name in used)}) {{ {selection} }}"


COMMANDS = {
    "stop": "stopInvitation(input: {invitationId: $invitation}) { invitation { id employee } userErrors { code message } }",
    "restart": "restartInvitation(input: {invitationId: $invitation}) { invitation { id employee } userErrors { code message } }",
    "invite": "inviteCustomer(input: {locationId: $location, email: \"b@example.com\", channels: [EMAIL]}) "
    "{ invitation { id } userErrors { code message } }",
    "import": "bulkImport(input: {locationId: $location, name: \"n\", uploadId: $upload, mapping: [], channels: [EMAIL]}) "
    "{ bulkImport { id name } userErrors { code message } }",
    "review": "recordReview(input: {locationId: $location, platform: \"google\", externalId: \"x\", reviewerName: \"n\", "
    "reviewedOn: \"2026-05-01T10:00:00Z\", invitationId: $invitation}) "
    "{ review { id } customer { id } userErrors { code message } }",
}  # fmt: skip


def traces_of(other: Tenant, answer: str) -> list[str]:
    """The word and ids of this tenant that appear in an answer."""
    return [word for word in (other.word, *other.ids.values()) if word in answer]


@pytest.fixture(scope="module")
async def tenants() -> tuple[Tenant, Tenant]:
    return await tenant("quokkaish"), await tenant("zyzzyvaesque")


ALL = [*((name, operation(selection)) for name, selection in documents(root.build().core))]


def test_documents_select_every_field_of_every_node() -> None:
    core = root.build().core
    text = " ".join(document for _, document in ALL)
    for name in (
        "Customer",
        "Invitation",
        "ActivityEvent",
        "LinkedReview",
        "Location",
        "BulkImport",
        "AgencyClient",
        "UsageSummary",
    ):
        kind = core.type_map[name]
        assert isinstance(kind, GraphQLObjectType)
        assert [field for field in kind.fields if not re.search(rf"\b{field}\b", text)] == []


@pytest.mark.parametrize(("name", "document"), ALL, ids=[name for name, _ in ALL])
async def test_queries_return_nothing_of_another_tenant(
    api: Api, tenants: tuple[Tenant, Tenant], name: str, document: str
) -> None:
    mine, other = tenants
    for asker, target in ((mine, other), (other, mine)):
        for user in (asker.owner, asker.agency_owner):
            answer = await api.post(user, {"query": document, "variables": target.ids})
            assert traces_of(target, answer.text) == []
            assert "FORBIDDEN" not in answer.text
    own = await api.post(
        mine.agency_owner if "agency" in name else mine.owner, {"query": document, "variables": mine.ids}
    )
    if "usage" not in name and "funnel" not in name:
        assert mine.word in own.text, own.text[:300]


@pytest.mark.parametrize("name", COMMANDS)
async def test_mutations_do_not_find_another_tenants_objects(
    api: Api, tenants: tuple[Tenant, Tenant], name: str
) -> None:
    mine, other = tenants
    answer = await api.post(mine.owner, {"query": operation(COMMANDS[name], "mutation"), "variables": other.ids})
    assert traces_of(other, answer.text) == []
    assert "NOT_FOUND" in answer.text or "FORBIDDEN" not in answer.text
    assert [one["code"] for one in next(iter(answer.json()["data"].values()))["userErrors"]] == ["NOT_FOUND"]


@pytest.mark.parametrize(
    ("kind", "document"),
    [
        ("bulkImport", "subscription ($id: ID!) { importProgress(bulkImportId: $id) { seq bulkImport { name } } }"),
        ("customer", "subscription ($id: ID!) { customerActivity(customerId: $id) { id actor feedback } }"),
    ],
)
async def test_subscriptions_do_not_find_another_tenants_objects(
    api: Api, tenants: tuple[Tenant, Tenant], kind: str, document: str
) -> None:
    mine, other = tenants
    async with asyncio.timeout(10), api.connected(mine.owner) as socket:
        await subscribe(socket, document, id=other.ids[kind])
        message = str(await receive(socket))
    assert traces_of(other, message) == []
    assert "BAD_USER_INPUT" in message


async def test_search_does_not_match_another_tenants_customers_or_clients(
    api: Api, tenants: tuple[Tenant, Tenant]
) -> None:
    mine, other = tenants
    document = (
        "query ($word: String) { account { customers(search: $word) { totalCount { value } edges { node { id } } } } }"
    )
    assert (await api.data(mine.owner, document, word=other.word))["account"]["customers"]["totalCount"]["value"] == 0
    assert (await api.data(mine.owner, document, word=mine.word))["account"]["customers"]["totalCount"]["value"] == 1
    board = "query ($word: String) { agency { clients(search: $word) { totalCount } } }"
    assert (await api.data(mine.agency_owner, board, word=other.word))["agency"]["clients"]["totalCount"] == 0
    assert (await api.data(mine.agency_owner, board, word=mine.word))["agency"]["clients"]["totalCount"] == 1
