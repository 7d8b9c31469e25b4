"""Collects the changes of one run of apply, and the problems that only the database reveals."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, TypeVar

from tortoise.models import Model

from models.connection import Db
from provisioning.document import Document, Path, Problem

Row = TypeVar("Row", bound=Model)


class Changes:
    """`made`: what was changed. `left`: what the file omits, which is kept and reported, since omissions may be mistakes."""

    def __init__(self, tx: Db, document: Document, now: datetime) -> None:
        self.tx, self.document, self.now = tx, document, now
        self.made: list[str] = []
        self.left: list[str] = []
        self.problems: list[Problem] = []

    def say(self, words: str) -> None:
        self.made.append(words)

    def wrong(self, path: Path, words: str) -> None:
        self.problems.append(self.document.problem(path, words))

    def leave(self, where: str, what: str, there: Iterable[Any], wanted: Iterable[str]) -> None:
        for key in sorted(set(there) - set(wanted)):
            self.left.append(f"{where}: {what} {key} is not in the file; it is kept")

    async def put(
        self, kind: type[Row], what: str, where: dict[str, Any], values: dict[str, Any], new: dict[str, Any]
    ) -> Row:
        """Creates the row with these values, or updates those that differ. `new`: values for a created row only."""
        row = await kind.filter(**where).using_db(self.tx).first()
        if row is None:
            self.say(f"{what}: new")
            return await kind.create(using_db=self.tx, **where, **values, **new)
        changed = {name: value for name, value in values.items() if getattr(row, name) != value}
        if changed:
            differences = (
                f"{_spaced(name)} {_shown(getattr(row, name))} → {_shown(value)}" for name, value in changed.items()
            )
            self.say(f"{what}: {', '.join(differences)}")
            row.update_from_dict(changed)
            await row.save(using_db=self.tx, update_fields=list(changed))
        return row


def _spaced(name: str) -> str:
    return name.replace("_", " ")


def _shown(value: Any) -> str:
    if value is None or value in ("", {}, []):
        return "nothing"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, dict):
        return ", ".join(f"{_spaced(name)} {_shown(one)}" for name, one in value.items())
    return ", ".join(str(one) for one in value) if isinstance(value, list) else str(value)
