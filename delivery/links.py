"""Signed links: key, purpose and expiry. Nothing is stored for them, and they contain no personal data."""

import struct
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from wire.signing import Signer

VALID_FOR = timedelta(days=180)
NOBODY = UUID(int=0)
"""The message of links in previews and test messages: they work, and record nothing."""
_BODY = struct.Struct(">16sI")  # the key, and the expiry in minutes since 1970


class Purpose(StrEnum):
    """What a link is for; also its path."""

    REVIEW = "r"
    UNSUBSCRIBE = "u"
    OPENED = "o"


@dataclass(frozen=True, slots=True)
class Link:
    """The message a link came with, and whether it has expired."""

    message_id: UUID
    expired: bool

    @property
    def is_test(self) -> bool:
        return self.message_id == NOBODY


class LinkSigner:
    """Signs links and reads them back."""

    def __init__(self, secrets: tuple[str, ...]) -> None:
        self._signer = Signer(secrets, "plaudit link")

    def sign(self, purpose: Purpose, message_id: UUID, expires: datetime) -> str:
        return self._signer.sign(purpose, _BODY.pack(message_id.bytes, int(expires.timestamp() // 60)))

    def read(self, purpose: Purpose, token: str, now: datetime) -> Link | None:
        """None for a token that was not signed here for this purpose."""
        body = self._signer.read(purpose, token)
        if body is None:
            return None
        key, minutes = _BODY.unpack(body)
        return Link(UUID(bytes=key), expired=now.timestamp() >= minutes * 60)


@dataclass(frozen=True, slots=True)
class Links:
    """The links of a message, or of a test."""

    base_url: str
    signer: LinkSigner
    is_test: bool = False

    def for_tests(self) -> "Links":
        return replace(self, is_test=True)

    def review(self, message_id: UUID, now: datetime) -> str:
        return self._address(Purpose.REVIEW, message_id, now)

    def unsubscribe(self, message_id: UUID, now: datetime) -> str:
        return self._address(Purpose.UNSUBSCRIBE, message_id, now)

    def opened(self, message_id: UUID, now: datetime) -> str:
        return self._address(Purpose.OPENED, message_id, now) + ".gif"

    def _address(self, purpose: Purpose, message_id: UUID, now: datetime) -> str:
        key = NOBODY if self.is_test else message_id
        return f"{self.base_url}/{purpose}/{self.signer.sign(purpose, key, now + VALID_FOR)}"
