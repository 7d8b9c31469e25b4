"""What the invited person opens: the review page, unsubscribing, and the picture that tells of an opened mail."""

from starlette.routing import BaseRoute

from delivery.links import Links
from pages import opened, review, unsubscribe


def routes(links: Links) -> list[BaseRoute]:
    """Everything behind the links of a message."""
    return [*review.routes(links), *unsubscribe.routes(links), *opened.routes(links)]
