"""The pages that invited people open: the review page, the unsubscribe page, and the tracking pixel."""

from starlette.routing import BaseRoute

from delivery.links import Links
from pages import opened, review, unsubscribe
from pages.errors import Report


def routes(links: Links, report: Report) -> list[BaseRoute]:
    """The routes of all links in a message; unexpected errors go to `report`."""
    return [*review.routes(links, report), *unsubscribe.routes(links, report), *opened.routes(links, report)]
