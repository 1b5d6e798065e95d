"""Workbooks that are edited in a spreadsheet and imported again: their look, and what stands in their cells."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from bmms.domain.imports.csv_file import neutral
from bmms.domain.imports.values import clean

Cell = str | int | Decimal | date | bool
LISTS = "Lists"  # the sheet with what can be chosen
ROOM = 500  # rows below the others in which something can still be chosen from lists
FIRST_EXCEL_YEAR = 1901
OPTIONS = {"in_memory": True, "strings_to_formulas": False}


class Book:
    """Writes sheets as all exports look (modules 7.1)."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self.book = book
        common = {"valign": "top"}
        self.head = book.add_format({"bold": True, "font_color": "#FFFFFF", "bg_color": "#1F4E78", **common})
        kinds: dict[str, dict[str, Any]] = {
            "text": {}, "day": {"num_format": "yyyy-mm-dd"}, "money": {"num_format": "#,##0.00"},
            "share": {"num_format": "0.0%"}, "count": {"num_format": "#,##0"}, "bold": {"bold": True},
        }  # fmt: skip
        self.formats: dict[str, Format] = {name: book.add_format({**common, **more}) for name, more in kinds.items()}
        self.stripe = book.add_format({"bg_color": "#EEF3F8"})
        self.computed = book.add_format({"font_color": "#6B6B6B"})

    def about(
        self, title: str, rows: Sequence[tuple[str, Cell]], hints: Sequence[str], kinds: Mapping[str, str]
    ) -> None:
        """A sheet of labels and values, and how the workbook is used.

        Args:
            kinds: label to the kind of its cell.
        """
        sheet = self.book.add_worksheet(title)
        for number, (label, value) in enumerate(rows):
            sheet.write_string(number, 0, label, self.formats["bold"])
            self.cell(sheet, number, 1, value, kinds.get(label, ""))
        for number, hint in enumerate(hints, len(rows) + 1):
            sheet.write_string(number, 1, hint, self.formats["text"])
        sheet.set_column(0, 0, 20)
        sheet.set_column(1, 1, 50)

    def table(
        self, title: str, heads: Sequence[tuple[str, int]], rows: Sequence[Sequence[Cell]], kinds: Mapping[int, str]
    ) -> Worksheet:
        """A sheet with a row of headings.

        Args:
            heads: heading and width of each column.
            kinds: place of a column to the kind of its cells.
        """
        sheet = self.book.add_worksheet(title)
        for place, (heading, width) in enumerate(heads):
            sheet.write_string(0, place, heading, self.head)
            sheet.set_column(place, place, min(width, 50))
        for number, row in enumerate(rows, 1):
            for place, value in enumerate(row):
                self.cell(sheet, number, place, value, kinds.get(place, ""))
        last, width = max(len(rows), 1), len(heads) - 1
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, last, width)
        sheet.conditional_format(
            1, 0, last, width, {"type": "formula", "criteria": "=MOD(ROW(),2)=1", "format": self.stripe}
        )
        sheet.ignore_errors({"number_stored_as_text": f"A1:{xl_rowcol_to_cell(last + ROOM, width)}"})
        sheet.set_landscape()
        sheet.set_paper(8)  # A3
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
        return sheet

    def cell(self, sheet: Worksheet, row: int, place: int, value: Cell, kind: str = "") -> None:
        """A real day, a real number, or a text that no spreadsheet calculates; nothing writes nothing."""
        form = self.formats[kind or "text"]
        if isinstance(value, date) and value.year >= FIRST_EXCEL_YEAR:
            sheet.write_datetime(row, place, value, self.formats["day"])  # type: ignore[arg-type]
        elif isinstance(value, int | Decimal) and _is_kept(value):
            sheet.write_number(row, place, value, form)  # type: ignore[arg-type]
        elif text := neutral(clean(str(value))):
            sheet.write_string(row, place, text, form)


def _is_kept(value: int | Decimal) -> bool:
    """Does a spreadsheet keep this number to its last digit? From 16 digits on it does not: those go as texts."""
    return Decimal(f"{float(value):.15g}") == value


def chosen(field: str, choices: Mapping[str, Sequence[Cell]]) -> dict[str, Any]:
    """The rule for cells that are chosen from a column of the sheet Lists, which has these columns in this order."""
    place = list(choices).index(field)
    top = xl_rowcol_to_cell(1, place, row_abs=True, col_abs=True)
    end = xl_rowcol_to_cell(len(choices[field]), place, row_abs=True, col_abs=True)
    return {
        "validate": "list", "source": f"={LISTS}!{top}:{end}", "error_type": "warning",
        "error_title": "Not in the list", "error_message": "Choose from the list; the sheet Lists shows all choices.",
    }  # fmt: skip


def side_by_side(lists: Sequence[Sequence[Cell]]) -> list[list[Cell]]:
    """Lists of different lengths as rows of one sheet."""
    longest = max((len(each) for each in lists), default=0)
    return [[each[n] if n < len(each) else "" for each in lists] for n in range(longest)]
