"""Signed tokens and keyed hashes: HMAC-SHA-256 (RFC 2104), or keyed BLAKE2b (RFC 7693), under keys derived from the installation's
secrets."""

import base64
import hashlib
import hmac
from collections.abc import Callable

_MAC = 16


class Signer:
    """Signs with the first secret and accepts signatures by all of them. `label` gives each use its own keys."""

    def __init__(self, secrets: tuple[str, ...], label: str) -> None:
        self._keys = _keys(secrets, label)

    def sign(self, purpose: str, body: bytes) -> str:
        """A token that is valid for this purpose only."""
        return _text(body + self._mac(self._keys[0], purpose, body))

    def read(self, purpose: str, token: str) -> bytes | None:
        """The body; None unless the token was signed by one of these keys for this purpose."""
        try:
            raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        except ValueError:
            return None
        body, mac = raw[:-_MAC], raw[-_MAC:]
        # Accept only the canonical encoding: the last character has unused bits, so several spellings would decode.
        if len(raw) < _MAC or _text(raw) != token:
            return None
        return body if any(hmac.compare_digest(mac, self._mac(key, purpose, body)) for key in self._keys) else None

    def _mac(self, key: bytes, purpose: str, body: bytes) -> bytes:
        return hmac.digest(key, purpose.encode() + b"\0" + body, hashlib.sha256)[:_MAC]


class QuickSigner(Signer):
    """Signs by keyed BLAKE2b, in a quarter of the time: for tokens of which a page has many."""

    def signing(self, purpose: str) -> Callable[[bytes], str]:
        """Signs as `sign` does, many bodies for the same purpose."""
        begun = _begun(self._keys[0], purpose)

        def sign(body: bytes) -> str:
            mac = begun.copy()
            mac.update(body)
            return _text(body + mac.digest())

        return sign

    def _mac(self, key: bytes, purpose: str, body: bytes) -> bytes:
        mac = _begun(key, purpose)
        mac.update(body)
        return mac.digest()


class KeyedHash:
    """Hashes of what must not be stored itself. `label` gives each use its own keys."""

    def __init__(self, secrets: tuple[str, ...], label: str) -> None:
        self._keys = _keys(secrets, label)

    def of(self, purpose: str, value: str) -> bytes:
        """The hash to store, under the first secret."""
        return self.all_of(purpose, value)[0]

    def all_of(self, purpose: str, value: str) -> list[bytes]:
        """The hashes under all secrets, to look for what was stored before a secret was replaced."""
        text = f"{purpose}\0{value}".encode("utf-8", "surrogatepass")
        return [hmac.digest(key, text, hashlib.sha256) for key in self._keys]


def _begun(key: bytes, purpose: str) -> hashlib.blake2b:
    return hashlib.blake2b(purpose.encode() + b"\0", key=key, digest_size=_MAC)


def _keys(secrets: tuple[str, ...], label: str) -> list[bytes]:
    return [hmac.digest(secret.encode(), label.encode(), hashlib.sha256) for secret in secrets]


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
