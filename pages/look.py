"""What the pages look like: the location's name, logo and color, in the clothes of its messages."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from delivery.layout import colors_of
from models.rules.color import ButtonColors


@dataclass(frozen=True, slots=True)
class Look:
    """`name` is None where the location is not known, as on error pages."""

    name: str | None = None
    color: str | None = None
    logo: str | None = None

    @property
    def colors(self) -> ButtonColors:
        return colors_of(self.color)

    @property
    def policy(self) -> str:
        """The content security policy: no scripts, and no image from elsewhere than the host of the logo, which the message
        has shown already."""
        logo = f"img-src {_origin(self.logo)}; " if self.logo else ""
        return (
            f"default-src 'none'; {logo}style-src 'unsafe-inline'; form-action 'self' https:; base-uri 'none'; "
            "frame-ancestors 'none'"
        )


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
