"""Signed links: key, purpose, expiry; nothing is stored for them, and no personal data is in them."""

import base64
import hashlib
import hmac
import struct
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

VALID_FOR = timedelta(days=180)
_MAC = 16
_BODY = struct.Struct(">16sI")  # the key, and the expiry in minutes since 1970


class Purpose(StrEnum):
    """What a link is for, which is its path too."""

    REVIEW = "r"
    UNSUBSCRIBE = "u"
    OPENED = "o"


@dataclass(frozen=True, slots=True)
class Link:
    """What a link says: the message it came with, and whether its time is over."""

    message_id: UUID
    expired: bool


class Signer:
    """The first secret signs; older ones are still accepted."""

    def __init__(self, secrets: tuple[str, ...]) -> None:
        self._keys = [hmac.digest(secret.encode(), b"plaudit link", hashlib.sha256) for secret in secrets]

    def sign(self, purpose: Purpose, message_id: UUID, expires: datetime) -> str:
        body = _BODY.pack(message_id.bytes, int(expires.timestamp() // 60))
        return base64.urlsafe_b64encode(body + _mac(self._keys[0], purpose, body)).decode().rstrip("=")

    def read(self, purpose: Purpose, token: str, now: datetime) -> Link | None:
        """None for whatever was not signed by us for this purpose."""
        try:
            raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        except ValueError:
            return None
        body, mac = raw[: _BODY.size], raw[_BODY.size :]
        if len(body) != _BODY.size or base64.urlsafe_b64encode(raw).decode().rstrip("=") != token:
            return None
        if not any(hmac.compare_digest(mac, _mac(key, purpose, body)) for key in self._keys):
            return None
        key, minutes = _BODY.unpack(body)
        return Link(UUID(bytes=key), expired=now.timestamp() >= minutes * 60)


def _mac(key: bytes, purpose: Purpose, body: bytes) -> bytes:
    return hmac.digest(key, purpose.encode() + b"\0" + body, hashlib.sha256)[:_MAC]


@dataclass(frozen=True, slots=True)
class Links:
    """The addresses that a message carries, and what comes back by them."""

    base_url: str
    signer: Signer

    def review(self, message_id: UUID, now: datetime) -> str:
        return self._address(Purpose.REVIEW, message_id, now)

    def unsubscribe(self, message_id: UUID, now: datetime) -> str:
        return self._address(Purpose.UNSUBSCRIBE, message_id, now)

    def opened(self, message_id: UUID, now: datetime) -> str:
        return self._address(Purpose.OPENED, message_id, now) + ".gif"

    def _address(self, purpose: Purpose, message_id: UUID, now: datetime) -> str:
        return f"{self.base_url}/{purpose}/{self.signer.sign(purpose, message_id, now + VALID_FOR)}"
