"""Tokens: JWTs signed with HS256 by PLAUDIT_JWT_SECRET; who they are of, and until when."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from models.clock import clock
from models.rules import ids
from models.tables.account import ISSUER
from resolvers.context import Identity

_ALGORITHMS = ["HS256"]
_LEEWAY = timedelta(seconds=30)


def issue(
    secret: str,
    subject: str,
    *,
    issuer: str = ISSUER,
    account: UUID | None = None,
    lifetime: timedelta,
    claim: str = "account",
    audience: str | None = None,
) -> str:
    """A token for a member; `account` is the one it acts for."""
    now = clock.now()
    claims: dict[str, Any] = {
        "iss": issuer,
        "sub": subject,
        "iat": int(now.timestamp()),
        "exp": int((now + lifetime).timestamp()),
    }
    if audience is not None:
        claims["aud"] = audience
    if account is not None:
        claims[claim] = ids.public_id(ids.ACCOUNT, account)
    return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(secret), algorithms=_ALGORITHMS)


def verify(
    secrets: Sequence[str], authorization: object, *, claim: str = "account", audience: str | None = None
) -> Identity | None:
    """Whose token it is, signed with any of the secrets; None for none, a forged one, another algorithm, one for another
    audience, or an expired one."""
    scheme, _, token = authorization.partition(" ") if isinstance(authorization, str) else ("", "", "")
    if scheme.lower() != "bearer":  # in any case (RFC 9110, 11.1)
        return None
    claims = next(filter(None, (_claims(secret, token.lstrip(" ")) for secret in secrets)), None)
    if claims is None or not _is_for(audience, claims.get("aud")):
        return None
    issuer, subject, expires = claims.get("iss"), claims.get("sub"), _moment(claims.get("exp"))
    if not isinstance(issuer, str) or not isinstance(subject, str) or expires is None:
        return None
    if expires <= clock.now() or not _has_begun(claims.get("nbf")):
        return None
    acting = claims.get(claim)
    key = None
    if acting is not None:
        key = ids.parse_id(ids.ACCOUNT, acting) if isinstance(acting, str) else None
        if key is None:
            return None
    return Identity(issuer, subject, key, expires)


def _claims(secret: str, token: str) -> dict[str, Any] | None:
    try:
        return jwt.decode(token, OctKey.import_key(secret), algorithms=_ALGORITHMS).claims
    except (JoseError, ValueError):
        return None


def _is_for(audience: str | None, named: object) -> bool:
    """`aud` is a string or a list of them (RFC 7519, 4.1.3)."""
    return audience is None or named == audience or (isinstance(named, list) and audience in named)


def _has_begun(not_before: object) -> bool:
    begins = _moment(not_before)
    return not_before is None or (begins is not None and begins <= clock.now() + _LEEWAY)


def _moment(value: object) -> datetime | None:
    """None for what is no moment, also for a number that no calendar reaches."""
    if not isinstance(value, int | float):
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, ValueError, OSError):
        return None
