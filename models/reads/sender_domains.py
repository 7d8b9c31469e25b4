"""Reads which domains locations send from."""

from collections.abc import Sequence

from models.connection import Db, fetch

_SENDER_DOMAINS = """
-- Which domains do locations send e-mail from? Those of most locations come first.
select lower(substring(sender_email from '@([^@]+)$')) as domain from location where sender_email like '%@_%'
group by 1 order by count(*) desc, 1
"""


async def of_all(db: Db) -> Sequence[str]:
    """Of the whole installation."""
    return [row["domain"] for row in await fetch(db, _SENDER_DOMAINS)]
