"""The channels that a request names."""

from collections.abc import Sequence

from models.rules.enums import Channel
from models.rules.errors import Invalid


def named_channels(channels: Sequence[Channel]) -> list[Channel]:
    """Each of them once, in the given order. Raises Invalid if there are none."""
    if not channels:
        raise Invalid("Name at least one channel.", ["channels"])
    return list(dict.fromkeys(channels))
