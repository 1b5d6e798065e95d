"""CSV files of ours, read row by row; whatever is wrong is named by file, row and column."""

import csv
import io
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import NoReturn, TypeVar

from bmms.domain import money
from bmms.domain.errors import RuleBroken

FOLDER = Path(__file__).resolve().parents[2] / "reference"
Word = TypeVar("Word", bound=StrEnum)


@dataclass(frozen=True)
class Row:
    """One row of a file. Rows count as a spreadsheet shows them: the header is row 1."""

    file: str
    number: int
    cells: dict[str, str]

    def refuse(self, column: str, problem: str) -> NoReturn:
        """Say what is wrong with one cell.

        Raises:
            RuleBroken: always.
        """
        raise RuleBroken(f"{self.file}, row {self.number}, column {column}: {problem}")

    def text(self, column: str, at_most: int = 2_000, *, required: bool = False) -> str:
        """The cell without blanks around it."""
        value = self.cells[column].strip()
        if required and not value:
            self.refuse(column, "is empty.")
        if len(value) > at_most:
            self.refuse(column, f"has {len(value)} characters; at most {at_most} fit.")
        if any(unicodedata.category(letter) == "Cc" for letter in value):
            self.refuse(column, "holds a line break or another control character.")
        return value

    def yes(self, column: str) -> bool:
        """A cell that says yes or no."""
        value = self.text(column)
        if value not in ("yes", "no"):
            self.refuse(column, f"must be yes or no, not {value!r}.")
        return value == "yes"

    def day(self, column: str) -> date:
        """A date such as 2026-01-21."""
        value = self.text(column)
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.refuse(column, f"must be a date like 2026-01-21, not {value!r}.")

    def whole_number(self, column: str) -> int | None:
        """A whole number of 0 or more, or None for an empty cell."""
        value = self.text(column)
        if value and not (value.isascii() and value.isdigit() and len(value) < 10):
            self.refuse(column, f"must be a whole number, not {value!r}.")
        return int(value) if value else None

    def money(self, column: str) -> Decimal:
        """Pesos with at most two decimals, such as 1250000.00; an empty cell is nothing."""
        value = self.text(column, 40)
        try:
            amount = money.figure_of(value or "0")
        except money.NoFigure:
            amount = None
        if amount is None or value[:1] == "-" or "," in value or not money.is_pesos(amount):
            self.refuse(column, f"must be an amount like 1250000.00, without signs, letters or commas, not {value!r}.")
        return amount.quantize(money.CENTAVO)

    def word(self, column: str, kind: type[Word]) -> Word:
        """One word of a fixed list."""
        value = self.text(column)
        try:
            return kind(value)
        except ValueError:
            self.refuse(column, f"must be one of {', '.join(kind)}, not {value!r}.")


def read(path: Path, *columns: str) -> Iterator[Row]:
    """The rows of a CSV file, as `parse` gives them.

    Raises:
        RuleBroken: the file is missing or no UTF-8 text, or `parse` refuses it.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise RuleBroken(f"{path.name}: there is no such file in {path.parent.name}/.") from None
    except UnicodeDecodeError as wrong:
        row = wrong.object[: wrong.start].count(b"\n") + 1
        raise RuleBroken(f"{path.name}, row {row}: is not UTF-8 text. Save the file as CSV UTF-8.") from None
    return parse(path.name, text, *columns)


def parse(file: str, text: str, *columns: str) -> Iterator[Row]:
    """The rows of a CSV text that has at least these columns, in any case and order; empty lines are passed over.

    Raises:
        RuleBroken: it is no CSV, lacks a column, or a row has too many or too few cells.
    """
    header, *lines = _lines(file, text) or [[]]
    header = [name.strip().lower() for name in header]
    if missing := [name for name in columns if name not in header]:
        names = ", ".join(f"“{name}”" for name in missing)
        said = f"the columns {names} are missing" if len(missing) > 1 else f"the column {names} is missing"
        raise RuleBroken(f"{file}, row 1: {said}.")
    for number, cells in enumerate(lines, start=2):
        if cells and len(cells) != len(header):
            raise RuleBroken(f"{file}, row {number}: has {len(cells)} cells under {len(header)} columns.")
        if cells:
            yield Row(file, number, dict(zip(header, cells, strict=True)))


def _lines(file: str, text: str) -> list[list[str]]:
    lines: list[list[str]] = []
    try:
        for cells in csv.reader(io.StringIO(text, newline=""), strict=True):
            lines.append(cells)
    except csv.Error as wrong:
        raise RuleBroken(f"{file}, row {len(lines) + 1}: is not CSV ({wrong}).") from None
    return lines
