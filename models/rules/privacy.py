"""Shows e-mail addresses and phone numbers only in part, where not everybody may see them."""

from models.rules.enums import Channel


def half_hidden(channel: Channel, address: str) -> str:
    """Enough of an address for its owner to recognize it: a***@example.com, +49***42."""
    if channel is Channel.EMAIL:
        name, at, domain = address.rpartition("@")
        return f"{name[:1]}***{at}{domain}"
    return f"{address[:3]}***{address[-2:]}"
