"""What the invited person opens: the review page, unsubscribing, and the picture that tells of an opened mail."""

from starlette.routing import BaseRoute

from delivery.links import Links
from pages import opened, review, unsubscribe
from pages.trouble import Report


def routes(links: Links, report: Report) -> list[BaseRoute]:
    """Everything behind the links of a message; `report` is told of whatever goes wrong."""
    return [*review.routes(links, report), *unsubscribe.routes(links, report), *opened.routes(links, report)]
