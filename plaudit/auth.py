"""Tokens: JWTs signed with HS256 by PLAUDIT_JWT_SECRET; who they are of, and until when."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from models import ids
from models.clock import clock
from resolvers.context import Identity

ISSUER = "plaudit"
"""The issuer of the tokens that `plaudit token` makes."""
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
) -> str:
    """A token for a member; `account` is the one it acts for."""
    now = clock.now()
    claims = {
        "iss": issuer,
        "sub": subject,
        "iat": int(now.timestamp()),
        "exp": int((now + lifetime).timestamp()),
    }
    if account is not None:
        claims[claim] = ids.public_id(ids.ACCOUNT, account)
    return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(secret), algorithms=_ALGORITHMS)


def verify(secret: str, authorization: object, *, claim: str = "account") -> Identity | None:
    """Whose token it is; None for none, a forged one, another algorithm, or one whose time is over."""
    if not isinstance(authorization, str) or not authorization.startswith("Bearer "):
        return None
    try:
        claims = jwt.decode(
            authorization.removeprefix("Bearer "), OctKey.import_key(secret), algorithms=_ALGORITHMS
        ).claims
    except (JoseError, ValueError):
        return None
    issuer, subject, expires = claims.get("iss"), claims.get("sub"), claims.get("exp")
    if not isinstance(issuer, str) or not isinstance(subject, str) or not isinstance(expires, int | float):
        return None
    not_before = claims.get("nbf")
    now = clock.now()
    if datetime.fromtimestamp(expires, UTC) <= now:
        return None
    if isinstance(not_before, int | float) and datetime.fromtimestamp(not_before, UTC) > now + _LEEWAY:
        return None
    acting = claims.get(claim)
    key = None
    if acting is not None:
        key = ids.parse_id(ids.ACCOUNT, acting) if isinstance(acting, str) else None
        if key is None:
            return None
    return Identity(issuer, subject, key, datetime.fromtimestamp(expires, UTC))
