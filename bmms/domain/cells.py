"""A list that a person uploads as CSV: read row by row, taken whole or not at all, each wrong cell named."""

from collections.abc import Sequence
from dataclasses import dataclass

from bmms.domain.errors import RuleBroken
from bmms.domain.reference import rows
from bmms.domain.reference.rows import Row

AT_MOST = 500


@dataclass(frozen=True)
class BadCell:
    """A cell that needs correction; rows count as a spreadsheet shows them."""

    row: int
    column: str
    value: str
    problem: str


class CellsRefused(RuleBroken):
    """Nothing was imported, for the sake of these cells; `fields` has a message for each, named by row and column."""

    def __init__(self, cells: list[BadCell], columns: Sequence[str]) -> None:
        told = {
            f"row {cell.row}, column {cell.column}": f"Row {cell.row}, column {cell.column}: {cell.problem}"
            for cell in cells
        }
        super().__init__(f"Nothing was imported: {len(cells)} cells need correction.", **told)
        self.cells = sorted(cells, key=lambda cell: (cell.row, columns.index(cell.column)))


def text_of(content: bytes) -> str:
    """A file that a person has uploaded, as text.

    Raises:
        RuleBroken: it is an Excel workbook, or no UTF-8 text.
    """
    remedy = "Save it as CSV UTF-8 and upload that."
    if content.startswith(b"PK"):
        raise RuleBroken(f"This is an Excel workbook. {remedy}", field="file")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        row = content[: wrong.start].count(b"\n") + 1
        raise RuleBroken(f"Row {row} holds signs that are not UTF-8. {remedy}", field="file") from None


def rows_of(text: str, columns: Sequence[str]) -> list[Row]:
    """The rows of the text, 1 to 500.

    Raises:
        RuleBroken: it is no CSV with these columns, or has too few or too many rows.
    """
    found = list(rows.parse("The file", text.removeprefix("\ufeff"), *columns))
    if not 0 < len(found) <= AT_MOST:
        raise RuleBroken(f"The file has {len(found)} rows; there must be 1 to {AT_MOST}.", field="file")
    return found


def bad_cells(row: Row, problems: dict[str, str]) -> list[BadCell]:
    """What a rule said about one row, by column."""
    return [BadCell(row.number, column, row.cells[column], problem) for column, problem in problems.items()]
