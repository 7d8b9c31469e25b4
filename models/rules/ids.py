"""Public ids (a prefix that names the type, and the key's hex), and keys that sort by creation time."""

import os
import re
import time
from collections.abc import Callable
from uuid import UUID

ACCOUNT, AGENCY, LOCATION, CUSTOMER, INVITATION = "acc", "agy", "loc", "cus", "inv"
MESSAGE, EVENT, REVIEW, BULK_IMPORT, UPLOAD, USER = "msg", "evt", "rev", "imp", "upl", "usr"
SUPPRESSION = "sup"


def uuid7() -> UUID:
    """A UUIDv7 (RFC 9562, 5.7): 48 bits of milliseconds, the rest random."""
    bits = time.time_ns() // 1_000_000 << 80 | int.from_bytes(os.urandom(10))
    return UUID(int=bits & ~(0xF << 76) & ~(0x3 << 62) | 0x7 << 76 | 0x2 << 62)


def public_id(prefix: str, key: UUID) -> str:
    return f"{prefix}_{key.hex}"


def writer_of(prefix: str) -> Callable[[UUID], str]:
    """Writes public ids of one type, of which a page has many."""
    head = f"{prefix}_"
    return lambda key: head + key.hex


def parse_id(prefix: str, text: str) -> UUID | None:
    """The key in a public id of this type; None if it is malformed or of another type."""
    head, _, digits = text.partition("_")
    return UUID(int=int(digits, 16)) if head == prefix and _KEY.fullmatch(digits) else None


_KEY = re.compile("[0-9a-f]{32}")
