"""A small OpenID Connect provider: real HTTP, RS256 keys, the code flow with PKCE."""

import base64
import hashlib
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode

from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from models.clock import clock
from tests.gateway import Json, serving

CLIENT, CLIENT_SECRET = "plaudit", "the client's secret"


def new_key() -> RSAKey:
    key = RSAKey.generate_key(2048)
    key.ensure_kid()
    return key


@dataclass
class Provider:
    """Whoever comes is signed in as `user`, the claims about them. `spoiled` replaces claims of the ID tokens, and leaves out
    those that are None. `signs_with` is not among the published `keys` if a test says so."""

    user: Json = field(default_factory=dict)
    issuer: str = ""
    spoiled: Json = field(default_factory=dict)
    answers: Json = field(default_factory=dict)
    """The status of each path that fails."""
    methods: tuple[str, ...] = ("client_secret_basic",)
    claims_in_token: bool = True
    signs_with: RSAKey = field(default_factory=new_key)
    keys: list[RSAKey] = field(default_factory=list)
    claimed_kid: str | None = None
    """The name of the key in the ID tokens, if it is not that of the one which signs."""
    forge: Callable[[str], str] = str
    """Makes another token of an ID token."""
    asked: list[str] = field(default_factory=list)
    """The paths of requests."""
    codes: dict[str, Mapping[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.keys.append(self.signs_with)

    def reset(self, user: Json) -> None:
        """As new, with this user."""
        self.user, self.spoiled, self.answers = user, {}, {}
        self.methods, self.claims_in_token, self.forge = ("client_secret_basic",), True, str
        self.signs_with, self.claimed_kid = self.keys[0], None
        self.asked.clear()

    def change_key(self) -> None:
        self.signs_with = new_key()
        self.keys = [self.signs_with]

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Provider"]:
        routes = {
            "/.well-known/openid-configuration": self.published,
            "/keys": self.key_set,
            "/authorize": self.authorize,
            "/token": self.token,
            "/userinfo": self.user_info,
        }
        app = Starlette(routes=[Route(path, self._heard(do), methods=["GET", "POST"]) for path, do in routes.items()])
        async with serving(app) as served:
            self.issuer = str(served.client.base_url).rstrip("/")
            yield self

    def _heard(self, do: Any) -> Any:
        async def heard(request: Request) -> Response:
            path = request.url.path
            self.asked.append(path)
            if path in self.answers:
                return JSONResponse({"error": "server_error"}, self.answers[path])
            response: Response = await do(request)
            return response

        return heard

    async def published(self, _request: Request) -> Response:
        at = self.issuer
        return JSONResponse(
            {
                "issuer": at,
                "authorization_endpoint": f"{at}/authorize",
                "token_endpoint": f"{at}/token",
                "jwks_uri": f"{at}/keys",
                "userinfo_endpoint": f"{at}/userinfo",
                "token_endpoint_auth_methods_supported": list(self.methods),
            }
        )

    async def key_set(self, _request: Request) -> Response:
        others = [{"kty": "OKP", "crv": "Ed448", "x": "AA", "kid": "unknown here"}, {"kty": "made up", "kid": "too"}]
        return JSONResponse({"keys": [*others, *(key.as_dict(private=False) for key in self.keys)]})

    async def authorize(self, request: Request) -> Response:
        """Signs in at once, and returns to the client."""
        asked = dict(request.query_params)
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode(self.returned(asked))}", 303)

    def returned(self, asked: Mapping[str, str]) -> dict[str, str]:
        """What comes back for what was asked."""
        assert (asked["response_type"], asked["client_id"]) == ("code", CLIENT)
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        return {"code": code, "state": asked["state"], "iss": self.issuer}

    async def token(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))
        asked = self.codes.pop(form.get("code", ""), None)
        if not self._is_client(request, form):
            return JSONResponse({"error": "invalid_client"}, 401)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if asked is None or (asked["code_challenge"], asked["redirect_uri"]) != (challenge, form["redirect_uri"]):
            return JSONResponse({"error": "invalid_grant"}, 400)
        id_token = self.forge(self._id_token(asked["nonce"]))
        return JSONResponse({"access_token": "an access token", "token_type": "Bearer", "id_token": id_token})

    def _is_client(self, request: Request, form: Mapping[str, str]) -> bool:
        if "client_secret_basic" not in self.methods:
            return (form.get("client_id"), form.get("client_secret")) == (CLIENT, CLIENT_SECRET)
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        name, _, password = base64.b64decode(given).decode().partition(":")
        return (scheme, unquote(name), unquote(password)) == ("Basic", CLIENT, CLIENT_SECRET)

    def _id_token(self, nonce: str) -> str:
        now = int(clock.now().timestamp())
        about = self.user if self.claims_in_token else {"sub": self.user["sub"]}
        usual = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": nonce}
        claims = {name: value for name, value in (usual | about | self.spoiled).items() if value is not None}
        header = {"alg": "RS256", "kid": self.claimed_kid or self.signs_with.kid}
        return jwt.encode(header, claims, self.signs_with, algorithms=["RS256"])

    async def user_info(self, request: Request) -> Response:
        if request.headers.get("authorization") != "Bearer an access token":
            return JSONResponse({"error": "invalid_token"}, 401)
        return JSONResponse(self.user)
