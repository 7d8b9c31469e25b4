"""Signing in with an OpenID Connect provider. Nothing is stored on the way: what ties the return to its beginning is derived
from a secret that the browser's tab keeps."""

import base64
import hashlib
import hmac
import logging
from collections.abc import Mapping
from uuid import UUID

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

import models
from models.connection import WORK, pool
from models.reads import sign_in_members
from models.rules.email import normalize_email
from models.rules.errors import InvalidEmail
from models.tables.account import ISSUER
from plaudit import edge
from plaudit.oidc import Attempt, Client, NotSignedInError, Provider, ProviderDownError, ProviderUser
from plaudit.peers import PeerLimit
from plaudit.sessions import NO_STORE, Sessions
from plaudit.settings import Settings
from wire.counts import SharedCounts
from wire.signing import KeyedHash

RETURNS_OF_A_PEER = 60
RETURN_PATH = "/sign-in/return"
SHORTEST_SECRET = 32
_DOWN = "The sign-in provider cannot be reached at the moment; try again shortly."
_FAILED = "The sign-in at the provider did not succeed; try again."
_NO_MEMBER = "Nobody with this sign-in is a member here."
log = logging.getLogger(__name__)


def provider_of(given: Settings) -> Provider | None:
    """None if no provider is configured."""
    if given.oidc_issuer is None or given.oidc_client_id is None:
        return None
    redirect = f"{given.base_url}{RETURN_PATH}"
    return Provider(Client(given.oidc_issuer, given.oidc_client_id, given.oidc_client_secret, redirect))


class ProviderSignIn:
    """`name` is what members call the provider."""

    def __init__(
        self, name: str, provider: Provider, hashes: KeyedHash, sessions: Sessions, peers: SharedCounts | None = None
    ) -> None:
        self.name = name
        self._provider, self._hashes, self._sessions = provider, hashes, sessions
        self._returns = PeerLimit(RETURNS_OF_A_PEER, "returns", peers)

    @classmethod
    def of(cls, given: Settings, sessions: Sessions, peers: SharedCounts | None = None) -> "ProviderSignIn | None":
        """None if no provider is configured."""
        provider = provider_of(given)
        if provider is None:
            return None
        return cls(given.oidc_name, provider, KeyedHash(given.secret, "plaudit oidc"), sessions, peers)

    async def start(self, request: Request, given: Mapping[str, str]) -> Response:
        if len(given.get("secret", "")) < SHORTEST_SECRET:
            sentence = f"secret must be a random text of at least {SHORTEST_SECRET} characters."
            return edge.error(request.scope, 400, "BAD_USER_INPUT", sentence)
        try:
            address = await self._provider.address(self._attempt(given["secret"]))
        except ProviderDownError as error:
            return self._down(request, error)
        return JSONResponse({"address": address}, headers=NO_STORE)

    async def finish(self, request: Request, given: Mapping[str, str]) -> Response:
        wait = self._returns.wait_of(request)
        if wait is not None:
            response = edge.error(request.scope, 429, "RATE_LIMITED", "Too many sign-ins; try again later.")
            response.headers["Retry-After"] = str(wait)
            return response
        try:
            user = await self._user(given)
        except ProviderDownError as error:
            return self._down(request, error)
        except NotSignedInError as error:
            log.warning("a sign-in at %s failed: %s", self._provider.client.issuer, error)
            return edge.error(request.scope, 403, "NOT_SIGNED_IN", _FAILED)
        member = await self._member(user)
        if member is None:
            return edge.error(request.scope, 403, "NO_MEMBER", _NO_MEMBER)
        return await self._sessions.begin(request, await models.User.get(id=member, using_db=pool(WORK)), None)

    async def _user(self, given: Mapping[str, str]) -> ProviderUser:
        """Raises ProviderDownError, and NotSignedInError if this browser did not begin it."""
        attempt = self._attempt(given.get("secret", ""))
        if not hmac.compare_digest(attempt.state.encode(), given.get("state", "").encode("utf-8", "replace")):
            raise NotSignedInError("it was not begun in this browser")
        if given.get("iss", self._provider.client.issuer) != self._provider.client.issuer:
            raise NotSignedInError("the answer came from another provider")
        return await self._provider.user(given.get("code", ""), attempt)

    async def _member(self, user: ProviderUser) -> UUID | None:
        """The member with this issuer and subject; otherwise the one with the verified address, unless that one has an issuer of
        their own, where the address may have been somebody else's before."""
        found = await sign_in_members.of_subject(pool(WORK), self._provider.client.issuer, user.subject)
        if found is not None or user.email is None:
            return found
        try:
            email = normalize_email(user.email)
        except InvalidEmail:
            return None
        members = await sign_in_members.local_of_address(pool(WORK), email, ISSUER)
        if len(members) > 1:
            log.warning("a sign-in matched %d members with the same address; name its subject for one", len(members))
        return members[0] if len(members) == 1 else None

    def _attempt(self, secret: str) -> Attempt:
        state, nonce, verifier = (_text(self._hashes.of(use, secret)) for use in ("state", "nonce", "verifier"))
        challenge = _text(hashlib.sha256(verifier.encode()).digest())
        return Attempt(state, nonce, verifier, challenge)

    def _down(self, request: Request, error: ProviderDownError) -> Response:
        log.warning("nobody can sign in at %s: %s", self._provider.client.issuer, error)
        return edge.error(request.scope, 502, "PROVIDER_UNAVAILABLE", _DOWN)


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
