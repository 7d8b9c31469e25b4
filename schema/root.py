"""Query, Mutation and Subscription, and the schema built from them."""

from collections.abc import AsyncIterator, Iterable
from contextlib import aclosing
from typing import Any, cast

import strawberry
from graphql import (
    GraphQLArgument,
    GraphQLError,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    Undefined,
)
from strawberry.extensions import SchemaExtension
from strawberry.tools import merge_types

import schema.enums  # noqa: F401 - registers the enums
from models.rules import ids
from models.rules.shown import shown_email
from permissions.access import guard
from resolvers import accounts, agencies, live_timeline, nodes, progress
from resolvers.errors import bad_input
from schema.account import Account, Membership, Viewer
from schema.activity import ActivityEvent
from schema.agency import Agency
from schema.bulk_import import BulkImport, BulkImportMutations, ImportProgress
from schema.connection import Info
from schema.customer import Customer
from schema.delivery import DeliveryMutations
from schema.documents import ParseAndValidate
from schema.extensions import Admission, ContextPerOperation, OneOperation
from schema.foresight import AHEAD
from schema.import_control import ImportControlMutations
from schema.import_preview import ImportPreviewMutations
from schema.invitation import Invitation, InvitationMutations
from schema.limits import ExtentLimit
from schema.location import Location
from schema.message import MessageMutations
from schema.node import Node, node_of
from schema.pace import Executor, QuietExecutor
from schema.review import LinkedReview, ReviewMutations
from schema.scalars import OVERRIDES
from schema.suppression import SuppressionMutations

MAX_NODES = 100
MUTATIONS = (
    InvitationMutations,
    BulkImportMutations,
    ImportControlMutations,
    ImportPreviewMutations,
    ReviewMutations,
    SuppressionMutations,
    DeliveryMutations,
    MessageMutations,
)


@strawberry.type(description="The queries.")
class Query:
    @strawberry.field(description="The user who makes the request.")
    async def viewer(self, info: Info) -> Viewer:
        found = await info.context.viewer()
        for seat in found.seats:
            await info.context.seat(seat.account.id)
        return Viewer(
            id=strawberry.ID(ids.public_id(ids.USER, found.id)),
            name=found.name,
            email=shown_email(found.email),
            memberships=[Membership(account=Account.of(seat), role=seat.role) for seat in found.seats],
        )

    @strawberry.field(description="An object by its id, or null if the viewer cannot see one with this id.")
    async def node(self, info: Info, id: strawberry.ID) -> Node | None:
        await info.context.viewer()
        (found,) = await nodes.find(info.context, [id])
        if isinstance(found, GraphQLError):
            raise found
        return node_of(found, info.context) if found is not None else None

    @strawberry.field(description="Objects by their ids, in the given order. At most 100.")
    async def nodes(self, info: Info, ids: list[strawberry.ID]) -> list[Node | None]:
        await info.context.viewer()
        if len(ids) > MAX_NODES:
            raise bad_input(f"ids can contain at most {MAX_NODES} ids.")
        found = await nodes.find(info.context, ids)
        # An error in the list becomes the error of its position.
        answers: list[Any] = [
            one if one is None or isinstance(one, GraphQLError) else node_of(one, info.context) for one in found
        ]
        return answers

    @strawberry.field(
        description="An account. id defaults to the account that the token acts for.",
        metadata={AHEAD: accounts.seat_ahead},
    )
    async def account(self, info: Info, id: strawberry.ID | None = None) -> Account | None:
        await info.context.viewer()
        seat = await accounts.find(info.context, id)
        return Account.of(seat) if seat else None

    @strawberry.field(
        description="An agency that the viewer works for. id defaults to the account that the token acts for if that is an agency, "
        "otherwise to the viewer's first agency; null if there is none.",
        metadata={AHEAD: agencies.seat_ahead},
    )
    async def agency(self, info: Info, id: strawberry.ID | None = None) -> Agency | None:
        found = await agencies.find(info.context, id)
        return Agency.of(found) if found else None


@strawberry.type(description="The subscriptions.")
class Subscription:
    @strawberry.subscription(
        description="The current progress at once, then the latest state after each change until the import ends: at most four a "
        "second, the last one always. With afterSeq, only newer states; if the import has already ended, the stream completes."
    )
    async def import_progress(
        self, info: Info, bulk_import_id: strawberry.ID, after_seq: int | None = None
    ) -> AsyncIterator[ImportProgress | None]:
        try:
            async with aclosing(progress.follow(info.context, bulk_import_id, after_seq)) as rows:
                async for row in rows:
                    yield ImportProgress.of(BulkImport.of(row, info.context.now))
        except GraphQLError as denied:
            # Yielded, it is an error of the field; raised, the whole data would be null.
            yield denied  # type: ignore[misc]

    @strawberry.subscription(
        description="The customer's timeline, live: each event that is recorded from now on or, with after, behind the event "
        "with that id, once and in the order in which they were recorded."
    )
    async def customer_activity(
        self, info: Info, customer_id: strawberry.ID, after: strawberry.ID | None = None
    ) -> AsyncIterator[ActivityEvent | None]:
        try:
            async with aclosing(live_timeline.follow(info.context, customer_id, after)) as rows:
                async for row in rows:
                    yield ActivityEvent.of(row)
        except GraphQLError as denied:
            yield denied  # type: ignore[misc] # as above


class Schema(strawberry.Schema):
    """Leaves the logging of errors to the code that masks them."""

    def process_errors(self, errors: list[GraphQLError], execution_context: Any = None) -> None:
        return

    @property
    def core(self) -> GraphQLSchema:
        """graphql-core's schema, to which Strawberry gives no public access."""
        return self._schema

    @property
    def executor(self) -> type[Executor]:
        """The class of graphql-core's executor."""
        return cast(type[Executor], self.execution_context_class)


def build(*extensions: type[SchemaExtension], introspection: bool = True, compiling: bool = True) -> Schema:
    """The schema, guarded by the policy; additional extensions are outermost. `compiling`: documents that are executed again
    are compiled."""
    built = Schema(
        query=Query,
        mutation=merge_types("Mutation", MUTATIONS),
        subscription=Subscription,
        types=[Customer, Invitation, ActivityEvent, LinkedReview, Location, BulkImport, Account, Agency],
        scalar_overrides=OVERRIDES,
        execution_context_class=Executor if introspection else QuietExecutor,
        extensions=[
            *extensions,
            ContextPerOperation,
            Admission,
            ExtentLimit,
            lambda: ParseAndValidate(quiet=not introspection, compiling=compiling),
            OneOperation,
        ],
    )
    _drop_null_defaults(built.core)
    guard(built.core)
    return built


def _drop_null_defaults(schema: GraphQLSchema) -> None:
    """Removes defaults of null, which come from Python's None; nullable arguments can be omitted without them."""
    for kind in schema.type_map.values():
        if isinstance(kind, GraphQLInputObjectType):
            _drop(kind.fields.values())
        elif isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            _drop([argument for field in kind.fields.values() for argument in field.args.values()])


def _drop(inputs: Iterable[GraphQLArgument | GraphQLInputField]) -> None:
    for one in inputs:
        if one.default_value is None:
            one.default_value = Undefined
