"""Signing in to the console: what is offered, tokens that last an hour, and their renewal while a tab is used."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import orjson
from graphql import GraphQLError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

import models
from models.clock import clock
from plaudit import edge
from plaudit.auth import issue
from plaudit.graphql import Gateway
from resolvers.context import Context
from wire.body import BodyLimits, BodyTooLargeError, BodyTooSlowError, whole_body

TOKEN_LIFETIME = timedelta(hours=1)
_BODY = BodyLimits(size=1_000, seconds=5)
_NO_STORE = {"Cache-Control": "no-store"}


@dataclass(frozen=True, slots=True)
class Persona:
    """A member whom visitors of a demo can choose to be, and the account for which they then act."""

    persona: str
    name: str
    role: str
    account: str
    plan: str
    subject: str
    account_key: str

    @property
    def shown(self) -> dict[str, str]:
        return {
            "persona": self.persona,
            "name": self.name,
            "role": self.role,
            "account": self.account,
            "plan": self.plan,
        }


class SignIn:
    """`personas` are those of the demo."""

    def __init__(self, gateway: Gateway, personas: Sequence[Persona]) -> None:
        self._gateway = gateway
        self._personas = {one.persona: one for one in personas}

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/sign-in", self.offer),
            Route("/sign-in/persona", self.as_persona, methods=["POST"]),
            Route("/sign-in/renew", self.renew, methods=["POST"]),
        ]

    async def offer(self, _request: Request) -> Response:
        """How one can sign in here."""
        return JSONResponse({"personas": [one.shown for one in self._personas.values()]}, headers=_NO_STORE)

    async def as_persona(self, request: Request) -> Response:
        persona = self._personas.get(await _named(request))
        if persona is None:
            return edge.answer(request.scope, 404, {"error": "There is no such persona; GET /sign-in lists them."})
        user = await models.User.get(subject=persona.subject)
        account = await models.Account.get(key=persona.account_key)
        return self._session(user.issuer, user.subject, account.id, user.name)

    async def renew(self, request: Request) -> Response:
        """A new token for the member of one that is still valid."""
        try:
            identity = self._gateway.identify(request.headers.get("authorization"))
            viewer = await Context(self._gateway.shared, identity).viewer()
        except GraphQLError as refused:
            return edge.refusal(request.scope, refused)
        return self._session(identity.issuer, identity.subject, identity.acting_account, viewer.name)

    def _session(self, issuer: str, subject: str, account: UUID | None, name: str) -> Response:
        given, expires = self._gateway.settings, clock.now() + TOKEN_LIFETIME
        token = issue(
            given.jwt_secret[0],
            subject,
            issuer=issuer,
            account=account,
            lifetime=TOKEN_LIFETIME,
            claim=given.account_claim,
            audience=given.jwt_audience,
        )
        return JSONResponse({"token": token, "expiresAt": expires.isoformat(), "name": name}, headers=_NO_STORE)


async def _named(request: Request) -> str:
    """The persona that the body names, or "" if it names none."""
    try:
        given = orjson.loads(await whole_body(request, _BODY))
    except (BodyTooLargeError, BodyTooSlowError, orjson.JSONDecodeError):
        return ""
    name = given.get("persona") if isinstance(given, dict) else None
    return name.upper().replace("-", "_") if isinstance(name, str) else ""
