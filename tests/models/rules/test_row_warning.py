"""Warnings about a list: how cells that were left out are counted."""

from dataclasses import asdict

from hypothesis import given
from hypothesis import strategies as st

from models.rules.enums import ImportRowWarningCode
from models.rules.row_warning import MOST_ROWS, ImportRowWarning, LeftOut, counted

CELLS = st.lists(
    st.builds(LeftOut, st.integers(1, 999), st.sampled_from(["E-Mail", "Phone"]), st.sampled_from(ImportRowWarningCode))
)


def test_cells_are_counted_by_code_and_column_with_the_first_rows() -> None:
    code = ImportRowWarningCode.INVALID_PHONE
    found = counted([], [LeftOut(row, "Phone", code) for row in range(2, 12)])
    assert found == [ImportRowWarning(code, "Phone", 10, [2, 3, 4, 5, 6])]


@given(CELLS, st.integers(0, 20))
def test_counting_in_chunks_is_the_same_as_at_once(cells: list[LeftOut], at: int) -> None:
    stored = [asdict(one) for one in counted([], cells[:at])]
    assert counted(map(ImportRowWarning.of, stored), cells[at:]) == counted([], cells)


@given(CELLS)
def test_every_cell_is_counted_and_few_rows_are_named(cells: list[LeftOut]) -> None:
    found = counted([], cells)
    assert sum(one.count for one in found) == len(cells)
    assert all(1 <= len(one.rows) <= MOST_ROWS for one in found)
