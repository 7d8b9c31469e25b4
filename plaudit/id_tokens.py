"""Checks ID tokens (OpenID Connect Core 1.0, 3.1.3.7)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import ECKey, Key, KeySet, RSAKey

from models.clock import clock

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]
"""Those with a public key only: a provider's key must not pass as the secret of an HMAC."""
SMALLEST_RSA = 2048
LEEWAY = timedelta(seconds=30)
_KINDS: dict[str, type[RSAKey] | type[ECKey]] = {"RSA": RSAKey, "EC": ECKey}


class IdTokenError(Exception):
    """The token is not valid; the message says why."""


class UnknownKeyError(IdTokenError):
    """It is signed with none of these keys."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a token must say."""

    issuer: str
    client_id: str
    nonce: str


def usable_keys(published: Mapping[str, Any]) -> KeySet:
    """The keys for signatures in a JWK set, without those of kinds that are not known here."""
    keys = [key for key in map(_key, published["keys"]) if key is not None]
    if not keys:
        raise ValueError("no usable key")
    return KeySet(keys)


def _key(data: Any) -> Key | None:
    kind = _KINDS.get(data.get("kty"))
    if kind is None or data.get("use", "sig") != "sig":
        return None
    try:
        key = kind.import_key(data)
    except (JoseError, ValueError):
        return None
    too_short = isinstance(key, RSAKey) and key.public_key.key_size < SMALLEST_RSA
    return None if too_short else key


def read_id_token(token: str, keys: KeySet, expected: Expected) -> Mapping[str, Any]:
    """The claims of a valid token. Raises IdTokenError."""
    try:
        claims = jwt.decode(token, keys, algorithms=ALGORITHMS).claims
    except InvalidKeyIdError as error:
        raise UnknownKeyError("signed with an unknown key") from error
    except Exception as error:  # untrusted input may raise anything in the library
        raise IdTokenError(f"it cannot be verified ({type(error).__name__})") from error
    wrong = _wrong(claims, expected)
    if wrong:
        raise IdTokenError(wrong)
    return claims


def _wrong(claims: Mapping[str, Any], expected: Expected) -> str | None:
    """What a token says that it must not."""
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    now, subject = clock.now().timestamp(), claims.get("sub")
    if claims.get("iss") != expected.issuer:
        return "it has another issuer"
    if expected.client_id not in audiences:
        return "it is for another client"
    if claims.get("azp", expected.client_id if len(audiences) == 1 else None) != expected.client_id:
        return "it was issued to another client"
    if not _number(claims.get("exp")) or claims["exp"] <= now - LEEWAY.total_seconds():
        return "it has expired"
    if not _number(claims.get("iat")) or claims["iat"] > now + LEEWAY.total_seconds():
        return "it was issued in the future"
    if claims.get("nonce") != expected.nonce:
        return "it has another nonce"
    if not isinstance(subject, str) or not 0 < len(subject) <= 255 or not subject.isprintable():
        return "it has no subject"
    return None


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
