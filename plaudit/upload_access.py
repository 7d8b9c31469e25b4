"""Authenticates uploads with the token and permission of the mutation bulkImport."""

from graphql import GraphQLError
from starlette.requests import Request
from starlette.responses import Response

from bulk_import.uploads import MEGABYTE, Authenticate, Uploader
from models.faults import is_transient
from plaudit.edge import answer, unavailable
from plaudit.graphql import Gateway
from resolvers import accounts
from resolvers.context import Context
from resolvers.errors import unauthenticated


def authenticate_upload(gateway: Gateway) -> Authenticate:
    async def authenticate(request: Request) -> Uploader | Response:
        try:
            identity = gateway.identify(request.headers.get("authorization"))
            return await _uploader(Context(gateway.shared, identity))
        except GraphQLError as refused:
            status = 401 if (refused.extensions or {}).get("code") == "UNAUTHENTICATED" else 403
            return answer(request.scope, status, {"errors": [refused.formatted]})
        except Exception as error:
            if is_transient(error):
                return unavailable(request.scope)
            raise

    return authenticate


async def _uploader(context: Context) -> Uploader:
    viewer = await context.viewer()
    seat = await accounts.acting_seat(context)
    if seat is None:
        raise unauthenticated("This token's member has no account.")
    context.require("Mutation.bulkImport", seat.account.id)
    return Uploader(seat.account.id, viewer.id, seat.account.facts.upload_megabytes * MEGABYTE)
