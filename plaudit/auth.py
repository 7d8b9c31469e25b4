"""Issues and verifies tokens: JWTs signed with HS256 and PLAUDIT_JWT_SECRET."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from joserfc import jwt
from joserfc.jwk import OctKey

from models.clock import clock
from models.rules import ids
from models.rules.moment import is_moment
from models.tables.account import ISSUER
from resolvers.context import Identity
from resolvers.errors import EXPIRED, NO_MEMBER, NOT_SIGNED_HERE, NOT_YET_VALID, unauthenticated

_ALGORITHMS = ["HS256"]
_LEEWAY = timedelta(seconds=30)
MAX_REMEMBERED, MAX_REMEMBERED_LENGTH = 2_000, 2_000
"""How many tokens are remembered, of at most so many characters."""
_RENEWABLE = "renewable_until"
"""The claim of tokens of sign-in sessions; others are not renewed."""


def issue(
    secret: str,
    subject: str,
    *,
    issuer: str = ISSUER,
    account: UUID | None = None,
    lifetime: timedelta,
    claim: str = "account",
    audience: str | None = None,
    renewable_until: datetime | None = None,
) -> str:
    """Creates a token for a member who acts for `account`."""
    now = clock.now()
    claims: dict[str, Any] = {
        "iss": issuer,
        "sub": subject,
        "iat": int(now.timestamp()),
        "exp": int((now + lifetime).timestamp()),
    }
    if audience is not None:
        claims["aud"] = audience
    if renewable_until is not None:
        claims[_RENEWABLE] = int(renewable_until.timestamp())
    if account is not None:
        claims[claim] = ids.public_id(ids.ACCOUNT, account)
    return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(secret), algorithms=_ALGORITHMS)


def verify(
    secrets: Sequence[str], authorization: object, *, claim: str = "account", audience: str | None = None
) -> Identity:
    """Returns the identity of a token signed with any of the secrets. Raises UNAUTHENTICATED if the token is missing, expired,
    not valid yet, or invalid; only for signed tokens does the message say which."""
    scheme, _, token = authorization.partition(" ") if isinstance(authorization, str) else ("", "", "")
    if scheme.lower() != "bearer" or not token.strip(" "):  # case-insensitive (RFC 9110, 11.1)
        raise unauthenticated()
    claims = next(filter(None, (_claims(secret, token.lstrip(" ")) for secret in secrets)), None)
    if claims is None:
        raise unauthenticated(NOT_SIGNED_HERE)
    if not _is_for(audience, claims.get("aud")):
        raise unauthenticated(NO_MEMBER)
    issuer, subject, expires = _text(claims.get("iss")), _text(claims.get("sub")), _moment(claims.get("exp"))
    not_before = None if claims.get("nbf") is None else _moment(claims["nbf"])
    renewable_until = None if claims.get(_RENEWABLE) is None else _moment(claims[_RENEWABLE])
    account = _acting_account(claims.get(claim))
    if expires <= clock.now():
        raise unauthenticated(EXPIRED)
    if not_before is not None and not_before > clock.now() + _LEEWAY:
        raise unauthenticated(NOT_YET_VALID)
    return Identity(issuer, subject, account, expires, renewable_until)


class Verifier:
    """Verifies tokens, and remembers those that were valid until they expire: a member sends the same one again and again."""

    def __init__(self, secrets: Sequence[str], *, claim: str, audience: str | None) -> None:
        self._verify = partial(verify, secrets, claim=claim, audience=audience)
        self._known: dict[str, Identity] = {}

    def identify(self, authorization: object) -> Identity:
        """Raises UNAUTHENTICATED, as `verify` does."""
        if not isinstance(authorization, str) or len(authorization) > MAX_REMEMBERED_LENGTH:
            return self._verify(authorization)
        known = self._known.get(authorization)
        if known is not None and known.expires_at > clock.now():
            return known
        identity = self._verify(authorization)
        if len(self._known) >= MAX_REMEMBERED:
            self._known.clear()
        self._known[authorization] = identity
        return identity


def _claims(secret: str, token: str) -> dict[str, Any] | None:
    try:
        return jwt.decode(token, OctKey.import_key(secret), algorithms=_ALGORITHMS).claims
    except Exception:  # noqa: BLE001 - untrusted input may raise anything in the library
        return None


def _is_for(audience: str | None, named: object) -> bool:
    """Whether `aud`, a string or a list of them (RFC 7519, 4.1.3), names this audience."""
    return audience is None or named == audience or (isinstance(named, list) and audience in named)


def _text(value: object) -> str:
    """A claim without U+0000 and lone surrogates, which the database cannot look up."""
    if not isinstance(value, str) or any(char == "\0" or "\ud800" <= char <= "\udfff" for char in value):
        raise unauthenticated(NO_MEMBER)
    return value


def _acting_account(value: object) -> UUID | None:
    key = ids.parse_id(ids.ACCOUNT, value) if isinstance(value, str) else None
    if value is not None and key is None:
        raise unauthenticated(NO_MEMBER)
    return key


def _moment(value: object) -> datetime:
    """Raises UNAUTHENTICATED if the value is not a timestamp in the supported range."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise unauthenticated(NO_MEMBER)
    try:
        moment = datetime.fromtimestamp(value, UTC)
    except (OverflowError, ValueError, OSError):
        raise unauthenticated(NO_MEMBER) from None
    if not is_moment(moment):
        raise unauthenticated(NO_MEMBER)
    return moment
