"""A file's header: how columns' names are compared, and which headers are refused."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

from bulk_import.suggest import field_named
from models.rules.enums import ImportField
from models.rules.errors import UnreadableFile

MAX_COLUMNS = 200
NO_ROWS = "The file has no rows below its header; add customers and upload it again."
LONGEST_SHOWN = 100
"""Names are truncated to this length in messages."""
_BETWEEN_NAMES = re.compile(r"[,;|^~:\t]|  +")


def column_key(name: str) -> str:
    """Equal for names that look the same: composed, without case and format characters, white space runs as one space."""
    visible = "".join(one for one in name if unicodedata.category(one) != "Cf")
    folded = visible.casefold()
    return " ".join(unicodedata.normalize("NFC", folded).split())


def clean_header(cells: Sequence[str]) -> list[str]:
    """The names as the file has them, without white space around them. Raises UnreadableFile if they are no header."""
    header = [cell.strip() for cell in cells]
    if len(header) > MAX_COLUMNS:
        raise UnreadableFile(f"The file has {len(header)} columns; at most {MAX_COLUMNS} are allowed.", ["uploadId"])
    if any("\x00" in cell for cell in header):
        raise UnreadableFile(
            "The first line contains NUL bytes; save the file as CSV UTF-8 and upload it again.", ["uploadId"]
        )
    if any("@" in cell for cell in header) or not any(map(str.isalnum, "".join(header))):
        raise UnreadableFile(
            "The first line contains data instead of column names; add a header line above it.",
            ["uploadId"],
        )
    _refuse_single_cell([cell for cell in header if cell])
    _refuse_twins(header)
    return header


def _refuse_single_cell(names: Sequence[str]) -> None:
    """Raises UnreadableFile if the only name has the names of several columns."""
    if len(names) > 1:
        return
    fields = {field_named(part) for name in names for part in _BETWEEN_NAMES.split(name)} - {None}
    if len(fields) > 1 and not fields.isdisjoint({ImportField.EMAIL, ImportField.PHONE}):
        raise UnreadableFile(
            f"The first line has all columns in one cell, {names[0][:LONGEST_SHOWN]!r}. Save the list with a comma or semicolon "
            "between the cells, and no quotation marks around whole lines; in a spreadsheet, split the column (in Excel: Data, "
            "Text to Columns). Then upload it again.",
            ["uploadId"],
        )


def _refuse_twins(header: Sequence[str]) -> None:
    keys = [column_key(name) for name in header]
    for key, number in Counter(key for key in keys if key).items():
        if number > 1:
            name = header[keys.index(key)][:LONGEST_SHOWN]
            raise UnreadableFile(f"Two columns are named {name!r}; give them different names.", ["uploadId"])
