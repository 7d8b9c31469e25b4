"""`plaudit import`: imports a list through the API, and shows its progress and what was not taken."""

import asyncio
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from cyclopts import Parameter

from models.rules.enums import Channel, ImportField
from plaudit.api_client import ApiClient, ApiError, api_client

ENDED = ("VALIDATED", "COMPLETED", "CANCELLED", "FAILED")
EVERY_SECONDS, BAR, MOST_ERRORS = 0.5, 30, 20
_PREVIEW = """mutation ($input: PreviewBulkImportInput!) { previewBulkImport(input: $input) {
  preview { encoding delimiter columns { name suggestedField } warnings { message } } userErrors { message } } }"""
_BEGIN = """mutation ($input: BulkImportInput!) { bulkImport(input: $input) {
  bulkImport { id } userErrors { message } } }"""
_LOCATIONS = "{ account { locations(first: 100) { edges { node { id name } } } } }"
_PROGRESS = "progress { state totalRows processedRows invitedRows skippedRows invalidRows percent error }"
_WATCH = f"query ($id: ID!) {{ node(id: $id) {{ ... on BulkImport {{ {_PROGRESS} }} }} }}"
_RESULT = """query ($id: ID!, $first: Int!) { node(id: $id) { ... on BulkImport { errorReportUrl warnings { code column count rows }
  location { timeZone } forecast { estimatedFinishAt cycles { invitations usage { cycleStartsOn remaining } } }
  rowErrors(first: $first) { totalCount edges { node { row column value code message } } } } } }"""
Json = dict[str, Any]


async def import_list(
    file: Path,
    *,
    token: Annotated[str, Parameter(env_var="PLAUDIT_TOKEN")],
    location: str | None = None,
    name: str | None = None,
    column: Sequence[str] = (),
    channel: Sequence[Channel] = (Channel.EMAIL,),
    per_hour: int | None = None,
    spread_over_days: int | None = None,
    dry_run: bool = False,
    url: Annotated[str, Parameter(env_var="PLAUDIT_URL")] = "http://127.0.0.1:8000",
) -> None:
    """Import a list of customers through the API, as the member of a token.

    Exits with 0 if every row was taken, 3 if some were not, 1 if the list could not be imported, and 2 if the command line is
    wrong. Ctrl-C stops watching; the import continues.

    Parameters
    ----------
    file
        A CSV, XLSX or ODS file.
    token
        The member's token, as `plaudit token` prints it.
    location
        The inviting location's id or name, in any case. Default: the account's only location.
    name
        The list's name, as shown in the customer table. Default: the file's name.
    column
        A column and its field, such as "E-Mail=EMAIL"; once for each column. Default: as suggested for the file.
    channel
        EMAIL or SMS; can be given twice.
    per_hour
        How many first messages are sent per hour. Default: all are due at once.
    spread_over_days
        Over how many days first messages are spread.
    dry_run
        Only check every row; nobody is invited. Prints what starting the list would do: how many would be invited, when sending
        would end, and what it would take of the allowance.
    url
        The gateway's address.
    """
    try:
        async with api_client(url, token) as api:
            upload = await api.upload(file)
            wanted = {
                "locationId": await _location(api, location),
                "name": name or file.stem,
                "uploadId": upload,
                "mapping": [_pair(one) for one in column] or await _suggested(api, upload),
                "channels": [str(one) for one in channel],
                "sendSpeed": {"perHour": per_hour, "spreadOverDays": spread_over_days},
                "dryRun": dry_run,
            }
            begun = (await api.mutate("bulkImport", _BEGIN, input=wanted))["bulkImport"]["id"]
            progress = await _watch(api, begun)
            sys.exit(await _result(api, begun, progress))
    except (ApiError, OSError) as error:
        sys.exit(_shown(str(error) if isinstance(error, ApiError) else f"{file}: {error.strerror}"))


def _pair(text: str) -> Json:
    column, found, field = text.rpartition("=")
    if not found or field not in list(ImportField):
        fields = ", ".join(ImportField)
        raise ApiError(f"--column {text} names no field; write it like “E-Mail=EMAIL”. The fields are {fields}.")
    return {"column": column, "field": field}


async def _location(api: ApiClient, wanted: str | None) -> str:
    """The id of a location, found by its id or name; in the name, case counts only where it decides."""
    account = (await api.ask(_LOCATIONS))["account"]
    known = [edge["node"] for edge in account["locations"]["edges"]] if account else []
    found = _named(known, wanted)
    if len(found) == 1:
        return str(found[0]["id"])
    if not known:
        raise ApiError("This token's member sees no location; nothing can be imported.")
    if wanted is None:
        raise ApiError(f"Name one location with --location. The account has: {_names(known)}.")
    if not found:
        raise ApiError(f"No location has the id or name “{wanted}”. The account has: {_names(known)}.")
    ids = ", ".join(f"{one['id']} ({one['name']})" for one in found)
    raise ApiError(f"Several locations have the name “{wanted}”; name one by its id: {ids}.")


def _named(known: Sequence[Json], wanted: str | None) -> Sequence[Json]:
    """The locations with this id or name; all of them without one."""
    if wanted is None:
        return known
    exact = [one for one in known if wanted in (one["id"], one["name"])]
    return exact or [one for one in known if one["name"].casefold() == wanted.strip().casefold()]


def _names(locations: Sequence[Json]) -> str:
    return ", ".join(one["name"] for one in locations)


async def _suggested(api: ApiClient, upload: str) -> list[Json]:
    """The mapping that the preview suggests, which is printed."""
    preview = (await api.mutate("previewBulkImport", _PREVIEW, input={"uploadId": upload}))["preview"]
    mapping = [
        {"column": one["name"], "field": one["suggestedField"]} for one in preview["columns"] if one["suggestedField"]
    ]
    for warning in preview["warnings"]:
        _say(warning["message"])
    _say(f"Read as {preview['encoding']}. Columns: " + ", ".join(f"{one['column']}={one['field']}" for one in mapping))
    return mapping


async def _watch(api: ApiClient, id: str) -> Json:
    """Shows the progress until the import has ended; returns it."""
    shows = sys.stderr.isatty()
    while True:
        progress: Json = (await _node(api, _WATCH, id))["progress"]
        if shows:
            print(f"\r{bar(progress)}", end="", file=sys.stderr, flush=True)
        if progress["state"] in ENDED:
            if shows:
                print(file=sys.stderr)
            return progress
        await asyncio.sleep(EVERY_SECONDS)


async def _node(api: ApiClient, document: str, id: str, **variables: object) -> Json:
    """What is read of the import."""
    found: Json | None = (await api.ask(document, id=id, **variables))["node"]
    if found is None:
        raise ApiError("The import can no longer be seen with this token; it continues.")
    return found


def bar(progress: Json) -> str:
    """One line about the progress, always of the same length."""
    percent = progress["percent"] or 0.0
    filled = "#" * int(BAR * percent / 100)
    return f"[{filled:.<{BAR}}] {percent:5.1f} %  {progress['processedRows']:>9,} rows  {progress['state']:<9}"


async def _result(api: ApiClient, id: str, progress: Json) -> int:
    """Prints the outcome, and returns the exit status."""
    if progress["state"] not in ("COMPLETED", "VALIDATED"):
        raise ApiError(f"{progress['state']}: {progress['error'] or 'a member cancelled it'}")
    invited = "would be invited" if progress["state"] == "VALIDATED" else "invited"
    counts = [(invited, "invitedRows"), ("skipped", "skippedRows"), ("invalid", "invalidRows")]
    for words, key in counts:
        _say(f"{progress[key]:>9,}  {words}")
    found = await _node(api, _RESULT, id, first=MOST_ERRORS)
    for line in _forecast_lines(found["forecast"], found["location"]["timeZone"]):
        _say(line)
    for edge in found["rowErrors"]["edges"]:
        _say(_error_line(edge["node"]))
    more = found["rowErrors"]["totalCount"] - len(found["rowErrors"]["edges"])
    if more > 0:
        _say(f"… and {more:,} more")
    for warning in found["warnings"]:
        _say(_warning_line(warning))
    if found["errorReportUrl"]:
        _say(f"The rows that were not taken: {found['errorReportUrl']}")
    return 3 if progress["skippedRows"] + progress["invalidRows"] else 0


def _forecast_lines(forecast: Json | None, zone: str) -> Iterator[str]:
    """What a checked list would do if it were started: in the location's time, and for those who may see the allowance."""
    if forecast is None:
        return
    if ends := forecast["estimatedFinishAt"]:
        yield f"Sending would end on {datetime.fromisoformat(ends).astimezone(ZoneInfo(zone)):%Y-%m-%d at %H:%M} ({zone})"
    for one in forecast["cycles"]:
        if one["usage"]["remaining"] is not None:
            cycle, left = one["usage"]["cycleStartsOn"], one["usage"]["remaining"]
            yield f"{one['invitations']:>9,}  of {left:,} left in the billing cycle from {cycle}"


def _say(text: str) -> None:
    print(_shown(text))


def _shown(text: str) -> str:
    """Without what a terminal would obey: names of columns and values come from the file."""
    return "".join(
        character if character.isprintable() or character == "\n" else "\N{REPLACEMENT CHARACTER}" for character in text
    )


def _error_line(error: Json) -> str:
    where = f"{error['column']}: " if error["column"] else ""
    value = f" ({error['value']})" if error["value"] else ""
    return f"row {error['row']}  {error['code']}  {where}{error['message']}{value}"


def _warning_line(warning: Json) -> str:
    first = ", ".join(map(str, warning["rows"]))
    rows = f"rows {first}" + (", …" if warning["count"] > len(warning["rows"]) else "")
    return f"{warning['count']:>9,}  without {warning['column']}, which no channel needs: {warning['code']} ({rows})"
