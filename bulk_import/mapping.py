"""Maps columns to fields, checked against the file's header before anything is imported."""

from collections import Counter
from collections.abc import Mapping, Sequence

from models.rules.enums import ImportField
from models.rules.errors import InvalidMapping


def check(mapping: Sequence[tuple[str, ImportField]], header: Sequence[str]) -> None:
    """Raises InvalidMapping for the first problem."""
    known = {name.casefold() for name in header}
    for column, _ in mapping:
        if column.strip().casefold() not in known:
            columns = ", ".join(name for name in header if name)
            raise InvalidMapping(f"The file has no column {column!r}; it has: {columns}.", ["mapping"])
    _refuse_twice([column.strip().casefold() for column, _ in mapping], "The column {} is mapped twice; map it once.")
    _refuse_twice([field for _, field in mapping], "Two columns are mapped to {}; map each field once.")
    fields = {field for _, field in mapping}
    if ImportField.FULL_NAME in fields and fields & {ImportField.FIRST_NAME, ImportField.LAST_NAME}:
        raise InvalidMapping("Map either FULL_NAME, or FIRST_NAME and LAST_NAME.", ["mapping"])
    if not fields & {ImportField.EMAIL, ImportField.PHONE}:
        raise InvalidMapping("Map a column to EMAIL or PHONE; otherwise nobody can be contacted.", ["mapping"])


def _refuse_twice(names: Sequence[str], sentence: str) -> None:
    for name, number in Counter(names).items():
        if number > 1:
            raise InvalidMapping(sentence.format(name), ["mapping"])


def places(mapping: Sequence[tuple[str, ImportField]], header: Sequence[str]) -> Mapping[ImportField, int]:
    """The position of each field in a record."""
    index = {name.casefold(): place for place, name in enumerate(header)}
    return {field: index[column.strip().casefold()] for column, field in mapping}
