"""Shows e-mail addresses and phone numbers only in part, where not everybody may see them."""

import re

from models.rules.enums import Channel

_ANY_ADDRESS = re.compile(r"<?[^\s<>@]+@[^\s<>]+>?")
LONGEST_REPLY = 200


def half_hidden(channel: Channel, address: str) -> str:
    """Enough of an address for its owner to recognize it: a***@example.com, +49***42."""
    if channel is Channel.EMAIL:
        name, at, domain = address.rpartition("@")
        return f"{name[:1]}***{at}{domain}"
    return f"{address[:3]}***{address[-2:]}"


def without_addresses(reply: str) -> str:
    """A relay's reply in one line, without the addresses that it may quote."""
    return _ANY_ADDRESS.sub("(address)", " ".join(reply.split()))[:LONGEST_REPLY]
