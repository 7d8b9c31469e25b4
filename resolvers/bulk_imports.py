"""Starting a bulk import: within the scope, by the policy, with a file whose head can be read."""

from models.customer_rows import LocationRow
from models.enums import Channel, ImportField
from models.import_reads import ImportRow
from resolvers.context import Context


async def begin(
    context: Context,
    *,
    location_id: str,
    name: str,
    upload_id: str,
    mapping: list[tuple[str, ImportField]],
    channels: list[Channel],
    per_hour: int | None,
    spread_over_days: int | None,
    key: str | None,
) -> ImportRow:
    raise LookupError
