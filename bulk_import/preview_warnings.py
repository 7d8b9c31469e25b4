"""What seems to be wrong with a file that can be read."""

from collections.abc import Sequence
from dataclasses import dataclass

from bulk_import.header import LONGEST_SHOWN, NO_ROWS
from bulk_import.records import Record
from models.rules.enums import ImportPreviewWarningCode


@dataclass(frozen=True, slots=True)
class PreviewWarning:
    code: ImportPreviewWarningCode
    message: str


def warnings_of(title: Sequence[Sequence[str]], records: Sequence[Record]) -> list[PreviewWarning]:
    """What the rows above the header and the first records tell."""
    warnings = []
    if title:
        warnings.append(PreviewWarning(ImportPreviewWarningCode.TITLE_SKIPPED, _skipped(title)))
    if not records:
        warnings.append(PreviewWarning(ImportPreviewWarningCode.NO_ROWS, NO_ROWS))
    return warnings


def _skipped(title: Sequence[Sequence[str]]) -> str:
    first = next((cell.strip()[:LONGEST_SHOWN] for cell in title[0] if cell.strip()), "")
    if len(title) == 1:
        return f"The first row, “{first}”, is taken for a title and skipped; the next one names the columns."
    return f"The first {len(title)} rows, from “{first}” on, are taken for a title and skipped; the next one names the columns."
