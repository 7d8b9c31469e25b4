"""Return addresses, each of which names the message that could not be delivered."""

import base64
from uuid import UUID

from models.rules.email import LONGEST_LOCAL_PART
from wire.signing import Signer

_PURPOSE = "bounce"
_TOKEN = 52
"""The length of a key and its signature, 32 bytes, in base32."""
LONGEST_MAILBOX = LONGEST_LOCAL_PART - len("+") - _TOKEN


class BounceAddresses:
    """Return addresses of a mailbox: `bounces+<key>@example.org`. The key is signed, so that nobody can make up a bounce that
    ends somebody's invitation, and in base32, since some relays change the case of addresses."""

    def __init__(self, mailbox: str, secrets: tuple[str, ...]) -> None:
        """`mailbox` has passed `check_mailbox`."""
        self._local, _, self._domain = mailbox.partition("@")
        self._signer = Signer(secrets, "plaudit bounce")

    def address(self, message_id: UUID) -> str:
        token = self._signer.sign(_PURPOSE, message_id.bytes)
        return f"{self._local}+{_base32(token)}@{self._domain}"

    def read(self, address: str) -> UUID | None:
        """The message of a return address; None unless it was made here."""
        local, _, domain = address.lower().rpartition("@")
        mailbox, _, token = local.partition("+")
        if (mailbox, domain) != (self._local, self._domain) or len(token) != _TOKEN:
            return None
        signed = _base64url(token)
        body = self._signer.read(_PURPOSE, signed) if signed else None
        return UUID(bytes=body) if body is not None else None


def check_mailbox(address: str) -> None:
    """`address` is a valid e-mail address in lower case. Raises ValueError with a message for operators."""
    local = address.partition("@")[0]
    if "+" in local or len(local) > LONGEST_MAILBOX:
        raise ValueError(
            f"has up to {LONGEST_MAILBOX} characters and no + before the @, since the message's key follows there"
        )


def _base32(token: str) -> str:
    raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    return base64.b32encode(raw).decode().rstrip("=").lower()


def _base64url(token: str) -> str | None:
    """None if it is not canonical base32, of which several spellings would decode."""
    try:
        raw = base64.b32decode(token.upper() + "=" * (-len(token) % 8))
    except ValueError:
        return None
    signed = base64.urlsafe_b64encode(raw).decode().rstrip("=")
    return signed if _base32(signed) == token else None
