"""Validates an apply file and reports all problems at once: first the shape, then consistency."""

from collections.abc import Iterable
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from provisioning.document import ApplyError, Document, Path, Problem, read
from provisioning.file import Account, ApplyFile, suggestion
from provisioning.fitting import misfits


def check(text: str) -> tuple[Document, ApplyFile]:
    """Returns the file's content. Raises ApplyError with all problems that can be found without the database."""
    document = read(text)
    if not isinstance(document.value, dict):
        raise ApplyError([Problem(1, "", "The file must begin with `accounts:` and a list of accounts below it.")])
    document.value = {name: value for name, value in document.value.items() if not name.startswith("x-")}
    problems = list(document.problems)
    try:
        ApplyFile.model_validate(document.value)
    except ValidationError as error:
        problems += [_problem(document, one) for one in error.errors()]
    accounts = _well_formed(document)
    for path, words in misfits(accounts):
        problems.append(document.problem(path, words))
    if problems:
        raise ApplyError(problems)
    return document, ApplyFile.model_validate(document.value)


def _well_formed(document: Document) -> list[tuple[int, Account]]:
    """The accounts with a valid shape, whose consistency is checked too, to report all problems together."""
    entries = document.value.get("accounts")
    accounts = []
    for number, entry in enumerate(entries if isinstance(entries, list) else []):
        try:
            accounts.append((number, Account.model_validate(entry)))
        except ValidationError:
            continue  # already reported
    return accounts


# Translates pydantic's errors.


def _problem(document: Document, error: ErrorDetails) -> Problem:
    # The location also contains names of union members and functions, which are not in the file.
    path = _place_in_file(document.value, error["loc"])
    if error["type"] == "missing":
        return document.problem(path, f"{error['loc'][-1]} is missing; add it.")
    if error["type"] == "extra_forbidden":
        name, known = str(error["loc"][-1]), _names_at(path[:-1])
        near = suggestion(name, known)
        return document.problem(path, f"unknown key {name}{near}; use one of {', '.join(known)}.")
    return document.problem(path, _message(error))


def _place_in_file(value: Any, location: Iterable[str | int]) -> Path:
    path: Path = ()
    for part in location:
        inside = dict(enumerate(value)) if isinstance(value, list) else value
        if isinstance(inside, dict) and part in inside:
            value, path = inside[part], (*path, part)
    return path


def _names_at(path: Path) -> list[str]:
    """The keys allowed at this path."""
    shape: Any = ApplyFile
    for part in path:
        if isinstance(shape, type) and issubclass(shape, BaseModel):
            fields = {field.alias or name: field.annotation for name, field in shape.model_fields.items()}
            shape = _plain(fields[str(part)])
        else:
            shape = _plain(get_args(shape)[-1])
    return [field.alias or name for name, field in shape.model_fields.items()]


def _plain(annotation: Any) -> Any:
    """The type without `| None` and `Annotated`."""
    while get_origin(annotation) in (Annotated, Union, UnionType):
        annotation = get_args(annotation)[0]
    return annotation


_KINDS = {
    "string_type": "a text",
    "int_type": "a whole number, without quotes or separators",
    "bool_type": "true or false",
    "list_type": "a list with one entry per line, each after a hyphen",
    "tuple_type": "a list",
    "dict_type": "keys with their values, indented below",
    "model_type": "keys with their values, indented below",
    "date_from_datetime_parsing": "a date like 2026-11-01",
    "date_parsing": "a date like 2026-11-01",
    "date_type": "a date like 2026-11-01",
}


def _message(error: ErrorDetails) -> str:
    kind, given = error["type"], error["input"]
    if kind == "value_error":
        return str(error["ctx"]["error"]).removesuffix(".") + "."
    if kind == "enum":
        allowed = str(error["ctx"]["expected"]).replace("'", "").replace(" or ", ", ")
        near = suggestion(str(given).upper(), allowed.split(", "))
        return f"unknown value {given!r}{near}; use one of {allowed}."
    if kind == "too_short":
        return "the list must not be empty; add an entry, or leave the key out."
    if kind in _KINDS:
        return f"must be {_KINDS[kind]}, not {_short(given)}."
    return f"{error['msg'].removeprefix('Input ').strip()}, not {_short(given)}."


def _short(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, dict | list):
        return "a list" if isinstance(value, list) else "keys with values"
    text = repr(value)
    return text if len(text) < 60 else f"{text[:57]}..."
