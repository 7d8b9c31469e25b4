"""An OpenID Connect provider: where a sign-in continues, and who came back (OpenID Connect Core 1.0, RFC 7636, RFC 9207)."""

import asyncio
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote, urlencode

import httpx
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from plaudit.id_tokens import Expected, IdTokenError, UnknownKeyError, read_id_token, usable_keys

SCOPES = "openid email profile"
KEPT_SECONDS, REFETCH_SECONDS = 3600.0, 30.0
"""How long what the provider publishes is used, and how often keys are fetched anew for a token with an unknown one."""
MAX_SECONDS = 10.0
_NEEDED = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class ProviderDownError(Exception):
    """The provider does not answer as it should; the message says how, for operators."""


class NotSignedInError(Exception):
    """The provider, or the check of its token, says that nobody signed in; the message says why, for operators."""


@dataclass(frozen=True, slots=True)
class Client:
    """What the provider knows of us."""

    issuer: str
    client_id: str
    secret: str | None
    redirect: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """What ties the return to its beginning, all derived from the browser's secret: the state that comes back with the code, the
    nonce in the ID token, and the verifier without which the code is worth nothing, with its challenge."""

    state: str
    nonce: str
    verifier: str
    challenge: str


@dataclass(frozen=True, slots=True)
class ProviderUser:
    """Who signed in at the provider; the address only if the provider has verified it."""

    subject: str
    email: str | None


class Provider:
    """Fetches what the provider publishes when it is needed, and again after an hour."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self._lock = asyncio.Lock()
        self._metadata: dict[str, Any] = {}
        self._keys: KeySet | None = None
        self._metadata_until = self._keys_until = self._refetch_from = 0.0

    async def address(self, attempt: Attempt) -> str:
        """Where the browser goes. Raises ProviderDownError."""
        asked = {
            "response_type": "code",
            "client_id": self.client.client_id,
            "redirect_uri": self.client.redirect,
            "scope": SCOPES,
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": attempt.challenge,
            "code_challenge_method": "S256",
        }
        endpoint = str((await self._published())["authorization_endpoint"])
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}"

    async def check(self) -> None:
        """Fetches what the provider publishes. Raises ProviderDownError."""
        await self._public_keys()

    async def user(self, code: str, attempt: Attempt) -> ProviderUser:
        """Raises ProviderDownError and NotSignedInError."""
        given = await self._exchange(code, attempt)
        claims = await self._claims(str(given["id_token"]), attempt.nonce)
        about = claims if "email" in claims else await self._user_info(given, str(claims["sub"]))
        email, verified = about.get("email"), about.get("email_verified")
        is_verified = verified is True or verified == "true"
        return ProviderUser(str(claims["sub"]), email if is_verified and isinstance(email, str) else None)

    async def _exchange(self, code: str, attempt: Attempt) -> Mapping[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.client.redirect,
            "code_verifier": attempt.verifier,
        }
        published = await self._published()
        methods = published.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        basic = None
        if self.client.secret is not None and "client_secret_basic" in methods:
            basic = (quote(self.client.client_id, safe=""), quote(self.client.secret, safe=""))
        else:
            form["client_id"] = self.client.client_id
            form |= {"client_secret": self.client.secret} if self.client.secret is not None else {}
        response = await _ask("POST", str(published["token_endpoint"]), data=form, auth=basic)
        body = _object(response)
        if response.status_code in (400, 401):
            raise NotSignedInError(f"the provider refused the code: {str(body.get('error'))[:100]!r}")
        if response.status_code != 200 or not isinstance(body.get("id_token"), str):
            raise ProviderDownError(f"its token endpoint answered {response.status_code} without an ID token")
        return body

    async def _claims(self, token: str, nonce: str) -> Mapping[str, Any]:
        expected = Expected(self.client.issuer, self.client.client_id, nonce)
        try:
            try:
                return read_id_token(token, await self._public_keys(), expected)
            except UnknownKeyError:
                return read_id_token(token, await self._public_keys(anew=True), expected)
        except IdTokenError as error:
            raise NotSignedInError(f"its ID token is not valid: {error}") from error

    async def _user_info(self, given: Mapping[str, Any], subject: str) -> Mapping[str, Any]:
        """For providers that leave the address out of the ID token."""
        endpoint, access = (await self._published()).get("userinfo_endpoint"), given.get("access_token")
        if not endpoint or not isinstance(access, str):
            return {}
        response = await _ask("GET", str(endpoint), headers={"Authorization": f"Bearer {access}"})
        about = _object(response) if response.status_code == 200 else {}
        return about if about.get("sub") == subject else {}

    async def _published(self) -> Mapping[str, Any]:
        """OpenID Connect Discovery 1.0, 4."""
        async with self._lock:
            if time.monotonic() >= self._metadata_until:
                issuer = self.client.issuer
                found = await _document(f"{issuer.removesuffix('/')}/.well-known/openid-configuration")
                if found.get("issuer") != issuer:
                    raise ProviderDownError(f"it calls itself {str(found.get('issuer'))[:200]!r}, not {issuer!r}")
                _check_endpoints(found, issuer)
                self._metadata, self._metadata_until = found, time.monotonic() + KEPT_SECONDS
        return self._metadata

    async def _public_keys(self, *, anew: bool = False) -> KeySet:
        """`anew`: fetched again, since the provider may have changed its keys, but not all the time."""
        address = str((await self._published())["jwks_uri"])
        async with self._lock:
            now = time.monotonic()
            if anew and now >= self._refetch_from:
                self._refetch_from, self._keys_until = now + REFETCH_SECONDS, 0.0
            if self._keys is None or now >= self._keys_until:
                try:
                    self._keys = usable_keys(await _document(address))
                except (JoseError, KeyError, TypeError, ValueError) as error:
                    raise ProviderDownError(f"its keys cannot be read: {type(error).__name__}") from error
                self._keys_until = time.monotonic() + KEPT_SECONDS
            return self._keys


def _check_endpoints(found: Mapping[str, Any], issuer: str) -> None:
    """Over https if the issuer is."""
    begins = ("https://",) if issuer.startswith("https://") else ("https://", "http://")
    for name in (*_NEEDED, *({"userinfo_endpoint"} & found.keys())):
        if not str(found.get(name)).startswith(begins):
            raise ProviderDownError(f"its {name} is missing or not https")


async def _document(address: str) -> dict[str, Any]:
    response = await _ask("GET", address)
    if response.status_code != 200:
        raise ProviderDownError(f"{address} answered {response.status_code}")
    return _object(response)


@cache
def _trusted() -> ssl.SSLContext:
    """Read once: it takes as long as many requests."""
    return httpx.create_ssl_context()


async def _ask(method: str, address: str, **given: Any) -> httpx.Response:
    headers = {"Accept": "application/json"} | given.pop("headers", {})
    try:
        async with asyncio.timeout(MAX_SECONDS), httpx.AsyncClient(headers=headers, verify=_trusted()) as client:
            return await client.request(method, address, **given)
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, OSError) as error:
        raise ProviderDownError(f"{address.partition('?')[0]} cannot be reached: {type(error).__name__}") from error


def _object(response: httpx.Response) -> dict[str, Any]:
    try:
        found = response.json()
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {}
