"""Types whose objects are views of a record: a field is read when it is selected, since most selections need few of them."""

from collections.abc import Callable
from typing import Any, TypeVar, get_args

from models.reads.records import Column, Part, Record, Row
from permissions.viewer import Seat

T = TypeVar("T")


def of_record(row: type[Row], **own: Column) -> Callable[[type[T]], type[T]]:
    """Makes the objects of a type views of a record: each field without a resolver is its own column or, without one, what the
    row's attribute of the same name is. Only types that use `record` or `seat` themselves declare them."""

    def decorate(kind: type[T]) -> type[T]:
        kind.readings = readings = {}  # type: ignore[attr-defined] # for schema.compiled
        for field in kind.__strawberry_definition__.fields:  # type: ignore[attr-defined] # Strawberry's
            if field.is_basic_field:
                name = field.python_name
                reading = own[name] if name in own else vars(row)[name]
                readings[name] = reading
                setattr(kind, name, _viewed(kind, name, reading) if isinstance(reading, Part) else reading)
        return kind

    return decorate


def _viewed(kind: type, name: str, part: Part) -> property:
    """The part as an object of the type that the field is annotated with."""
    annotation = kind.__annotations__[name]
    viewed = next(one for one in (annotation, *get_args(annotation)) if hasattr(one, "readings"))

    def read(view: Any) -> Any:
        return None if part.is_missing_in(view.record) else view_of(viewed, view.record, view.seat)

    return property(read)


def view_of(kind: type[T], record: Record, seat: Seat | None = None) -> T:
    """A record as an object of a type; the seat is for its capabilities."""
    view = object.__new__(kind)
    view.record, view.seat = record, seat  # type: ignore[attr-defined]
    return view
