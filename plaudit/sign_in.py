"""Signing in to the console: what is offered, and the ways: personas of the demo, links, and an OpenID Connect provider."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import Scope

import models
from delivery.sign_in_links import SignInLinks
from models.clock import clock
from models.commands import sign_in_links, sign_in_requests
from models.commands.sign_in_links import Unusable
from models.commands.sign_in_requests import NewRequest
from models.connection import WORK, pool, transaction
from models.rules.email import normalize_email
from models.rules.errors import InvalidEmail
from plaudit import edge
from plaudit.graphql import Gateway
from plaudit.peers import PeerLimit
from plaudit.sessions import NO_STORE, Sessions
from plaudit.sign_in_provider import ProviderSignIn
from wire.body import BodyLimits, BodyTooLargeError, BodyTooSlowError, whole_body
from wire.counts import SharedCounts

MAILS_OF_A_PEER = 30
SHORTEST_SECRET, LONGEST_TEXT = 32, 8_000
_BODY = BodyLimits(size=20_000, seconds=5)
_UNUSABLE = {
    Unusable.OVER: (410, "LINK_OVER", "This link has been used or is no longer valid; ask for another one."),
    Unusable.OTHER_BROWSER: (
        403,
        "OTHER_BROWSER",
        "This link works only in the browser in which it was asked for; open it there, or ask for another one here.",
    ),
}


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
    """`personas` are those of the demo; `peers` counts the clients' addresses in all processes of the gateway."""

    def __init__(self, gateway: Gateway, personas: Sequence[Persona], peers: SharedCounts | None = None) -> None:
        given = gateway.settings
        self._personas = {one.persona: one for one in personas}
        self._sessions = Sessions(gateway)
        self._hashes = SignInLinks(given.base_url, given.secret).hashes
        self._has_mail = given.sign_in_from is not None
        self._mails = PeerLimit(MAILS_OF_A_PEER, "mails", peers)
        self._provider = ProviderSignIn.of(given, self._sessions, peers)

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/sign-in", self.offer),
            Route("/sign-in/persona", self.as_persona, methods=["POST"]),
            Route("/sign-in/link", self.with_link, methods=["POST"]),
            Route("/sign-in/mail", self.by_mail, methods=["POST"]),
            Route("/sign-in/provider/start", self.start, methods=["POST"]),
            Route("/sign-in/provider", self.finish, methods=["POST"]),
            Route("/sign-in/renew", self._sessions.renew, methods=["POST"]),
        ]

    async def offer(self, _request: Request) -> Response:
        """How one can sign in here."""
        offered = {
            "personas": [one.shown for one in self._personas.values()],
            "mail": self._has_mail,
            "provider": self._provider.name if self._provider else None,
        }
        return JSONResponse(offered, headers=NO_STORE)

    async def as_persona(self, request: Request) -> Response:
        named = (await _texts(request)).get("persona", "")
        persona = self._personas.get(named.upper().replace("-", "_"))
        if persona is None:
            return _refused(request.scope, 404, "NOT_FOUND", "There is no such persona; GET /sign-in lists them.")
        user = await models.User.get(subject=persona.subject)
        account = await models.Account.get(key=persona.account_key)
        return await self._sessions.begin(request, user, account.id)

    async def with_link(self, request: Request) -> Response:
        """A session for the token of a link; the first of several requests gets it."""
        given = await _texts(request)
        tokens = self._hashes.all_of("token", given.get("token", ""))
        browsers = self._hashes.all_of("browser", given.get("browser", ""))
        used = await sign_in_links.use(pool(WORK), tokens, browsers, clock.now())
        if isinstance(used, Unusable):
            return _refused(request.scope, *_UNUSABLE[used])
        user = await models.User.get(id=used.user_id, using_db=pool(WORK))
        return await self._sessions.begin(request, user, used.account_id)

    async def by_mail(self, request: Request) -> Response:
        """Takes down that somebody asks for a link. The answer is the same whether or not a member has the address, and takes
        as long: only the worker looks."""
        given = await _texts(request)
        if not self._has_mail:
            return _refused(request.scope, 404, "NOT_FOUND", "Links are not sent by mail here.")
        if wait := self._mails.wait_of(request):
            return _too_many(request.scope, wait)
        new = self._read(request.scope, given)
        if isinstance(new, Response):
            return new
        async with transaction(WORK) as tx:
            is_taken = await sign_in_requests.add(tx, new, clock.now())
        if not is_taken:
            return _too_many(request.scope, int(sign_in_requests.WORTHWHILE.total_seconds()))
        return JSONResponse({"minutes": int(sign_in_links.LIFETIME.total_seconds() // 60)}, 202, NO_STORE)

    def _read(self, scope: Scope, given: Mapping[str, str]) -> NewRequest | Response:
        """What is to be stored, or a refusal."""
        browser = given.get("browser", "")
        if len(browser) < SHORTEST_SECRET:
            sentence = f"browser must be a random text of at least {SHORTEST_SECRET} characters."
            return _refused(scope, 400, "BAD_USER_INPUT", sentence)
        try:
            email = normalize_email(given.get("email", ""))
        except InvalidEmail as invalid:
            return _refused(scope, 400, "INVALID_EMAIL", invalid.message)
        return NewRequest(email, self._hashes.all_of("address", email), self._hashes.of("browser", browser))

    async def start(self, request: Request) -> Response:
        """The address at the provider where the sign-in continues."""
        given = await _texts(request)
        return await self._provider.start(request, given) if self._provider else _no_provider(request.scope)

    async def finish(self, request: Request) -> Response:
        """A session for what the provider returned."""
        given = await _texts(request)
        return await self._provider.finish(request, given) if self._provider else _no_provider(request.scope)


def _refused(scope: Scope, status: int, code: str, sentence: str) -> Response:
    return edge.error(scope, status, code, sentence)


def _no_provider(scope: Scope) -> Response:
    return _refused(scope, 404, "NOT_FOUND", "There is no sign-in provider here.")


def _too_many(scope: Scope, seconds: int) -> Response:
    sentence = "Too many links were asked for; use one of those, or try again later."
    response = _refused(scope, 429, "RATE_LIMITED", sentence)
    response.headers["Retry-After"] = str(seconds)
    return response


async def _texts(request: Request) -> Mapping[str, str]:
    """The texts of the body, a JSON object; empty if it is none."""
    try:
        given = orjson.loads(await whole_body(request, _BODY))
    except (BodyTooLargeError, BodyTooSlowError, ClientDisconnect, orjson.JSONDecodeError):
        return {}
    if not isinstance(given, dict):
        return {}
    return {name: value for name, value in given.items() if isinstance(value, str) and len(value) <= LONGEST_TEXT}
