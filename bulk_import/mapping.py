"""Maps columns to fields, checked against the file's header before anything is imported."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from bulk_import.header import LONGEST_SHOWN, NO_ROWS, column_key
from bulk_import.reader import open_list
from models.rules.enums import Channel, ImportField
from models.rules.errors import InvalidMapping, UnreadableFile

_MOST_SHOWN = 30
ADDRESS = {Channel.EMAIL: ImportField.EMAIL, Channel.SMS: ImportField.PHONE}
"""The field that a channel needs."""


def check(mapping: Sequence[tuple[str, ImportField]], header: Sequence[str]) -> None:
    """Raises InvalidMapping for the first problem."""
    known = {column_key(name) for name in header if name}
    for column, _ in mapping:
        if column_key(column) not in known:
            message = f"The file has no column {column[:LONGEST_SHOWN]!r}; it has: {_listed(header)}."
            raise InvalidMapping(message, ["mapping"])
    _refuse_twice([column_key(column) for column, _ in mapping], "The column {} is mapped twice; map it once.")
    _refuse_twice([field for _, field in mapping], "Two columns are mapped to {}; map each field once.")
    fields = {field for _, field in mapping}
    if ImportField.FULL_NAME in fields and fields & {ImportField.FIRST_NAME, ImportField.LAST_NAME}:
        raise InvalidMapping("Map either FULL_NAME, or FIRST_NAME and LAST_NAME.", ["mapping"])
    if not fields & {ImportField.EMAIL, ImportField.PHONE}:
        raise InvalidMapping("Map a column to EMAIL or PHONE; otherwise nobody can be contacted.", ["mapping"])


def _listed(header: Sequence[str]) -> str:
    names = [name[:LONGEST_SHOWN] for name in header if name]
    more = len(names) - _MOST_SHOWN
    return ", ".join(names[:_MOST_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _refuse_twice(names: Sequence[str], sentence: str) -> None:
    for name, number in Counter(names).items():
        if number > 1:
            raise InvalidMapping(sentence.format(name[:LONGEST_SHOWN]), ["mapping"])


def check_channels(mapping: Sequence[tuple[str, ImportField]], reached: Collection[Channel], field: str) -> None:
    """Raises InvalidMapping, with this input field, if no column has the addresses of any of these channels: nobody could be
    invited."""
    mapped = {one for _, one in mapping}
    if mapped.isdisjoint(ADDRESS[channel] for channel in reached):
        channels = " or ".join(channel for channel in Channel if channel in reached)
        needed = " or ".join(ADDRESS[channel] for channel in Channel if channel in reached)
        raise InvalidMapping(
            f"A list for the channel {channels} needs a column that is mapped to {needed}; map one, or choose another channel.",
            [field],
        )


def check_file(pieces: Iterable[bytes], mapping: Sequence[tuple[str, ImportField]]) -> list[str]:
    """The file's header, after checking that the mapping fits, and that the file has rows. Blocking, for use in a thread. Raises
    UnreadableFile or InvalidMapping."""
    file = open_list(pieces, [column for column, _ in mapping])
    check(mapping, file.header)
    if next(iter(file), None) is None:
        raise UnreadableFile(NO_ROWS, ["uploadId"])
    return file.header


def stored(mapping: Sequence[tuple[str, ImportField]], header: Sequence[str]) -> list[dict[str, Any]]:
    """The mapping as it is stored with an import, with the position of each column."""
    where = places(mapping, header)
    return [{"column": column, "field": field, "place": where[field]} for column, field in mapping]


def places(mapping: Sequence[tuple[str, ImportField]], header: Sequence[str]) -> Mapping[ImportField, int]:
    """The position of each field in a record."""
    index = {column_key(name): place for place, name in enumerate(header) if name}
    return {field: index[column_key(column)] for column, field in mapping}
