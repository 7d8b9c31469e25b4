"""Sessions of the console: tokens that last an hour, renewed while a tab is used, and ended with the membership."""

from datetime import datetime, timedelta
from uuid import UUID

from graphql import GraphQLError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

import models
from models.clock import clock
from plaudit import edge
from plaudit.auth import issue
from plaudit.graphql import Gateway
from resolvers import accounts
from resolvers.context import Context, Identity
from resolvers.errors import NO_MEMBER, unauthenticated

TOKEN_LIFETIME, LONGEST_SESSION = timedelta(hours=1), timedelta(hours=12)
NO_STORE = {"Cache-Control": "no-store"}
_NOT_RENEWABLE = "This token cannot be renewed; sign in again."


class Sessions:
    """Begins sessions and renews their tokens. Both ask for a seat in the account that the token names, so that a session
    ends when this membership does."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def begin(self, request: Request, user: models.User, account: UUID | None) -> Response:
        """A session of a user who has signed in."""
        until = clock.now() + LONGEST_SESSION
        return await self._session(request, Identity(user.issuer, user.subject, account, until, until))

    async def renew(self, request: Request) -> Response:
        """A new token for the member of one that is still valid. Only tokens of sessions are renewed: those of others last as
        long as their issuer wanted."""
        try:
            identity = self._gateway.identify(request.headers.get("authorization"))
            if identity.renewable_until is None or identity.renewable_until <= clock.now():
                raise unauthenticated(_NOT_RENEWABLE)
        except GraphQLError as refused:
            return edge.refusal(request.scope, refused)
        return await self._session(request, identity)

    async def _session(self, request: Request, identity: Identity) -> Response:
        try:
            name = await self._name(identity)
        except GraphQLError as refused:
            return edge.refusal(request.scope, refused)
        assert identity.renewable_until is not None
        expires = min(clock.now() + TOKEN_LIFETIME, identity.renewable_until)
        body = {"token": self._token(identity, expires), "expiresAt": expires.isoformat(), "name": name}
        return JSONResponse(body, headers=NO_STORE)

    async def _name(self, identity: Identity) -> str:
        """Raises UNAUTHENTICATED if the user has no seat."""
        context = Context(self._gateway.shared, identity)
        viewer = await context.viewer()
        if await accounts.acting_seat(context) is None:
            raise unauthenticated(NO_MEMBER)
        return viewer.name

    def _token(self, identity: Identity, expires: datetime) -> str:
        given = self._gateway.settings
        return issue(
            given.jwt_secret[0],
            identity.subject,
            issuer=identity.issuer,
            account=identity.acting_account,
            lifetime=expires - clock.now(),
            claim=given.account_claim,
            audience=given.jwt_audience,
            renewable_until=identity.renewable_until,
        )
