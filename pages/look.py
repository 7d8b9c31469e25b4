"""What the pages look like: the location's name, logo and color, in the clothes of its messages."""

from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

from delivery.layout import DEFAULT_COLOR, LOOK
from models.rules.color import ButtonColors, button_colors


@dataclass(frozen=True, slots=True)
class Look:
    """`name` is None where the location is not known, as on error pages."""

    name: str | None = None
    color: str | None = None
    logo: str | None = None

    @property
    def colors(self) -> ButtonColors:
        return _colors(self.color or DEFAULT_COLOR)

    @property
    def policy(self) -> str:
        """The content security policy: no scripts, and no image from elsewhere than the host of the logo, which the message
        has shown already."""
        logo = f"img-src {_origin(self.logo)}; " if self.logo else ""
        return (
            f"default-src 'none'; {logo}style-src 'unsafe-inline'; form-action 'self' https:; base-uri 'none'; "
            "frame-ancestors 'none'"
        )


@lru_cache(maxsize=512)
def _colors(color: str) -> ButtonColors:
    return button_colors(color, LOOK["card"], LOOK["dark_card"])


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
