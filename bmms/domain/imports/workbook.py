"""Workbooks (.xlsx): one sheet of them, values only; handed back with the wrong cells marked (D44, D49)."""

import io
import math
import warnings
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import openpyxl
from defusedxml import ElementTree
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.utils.cell import coordinate_to_tuple, get_column_letter

from bmms.domain.imports.raw import MOST_ROWS, RawRow, UnreadableFile

LARGEST_UNPACKED = 50 * 1024 * 1024
MOST_ENTRIES = 2_000
MOST_CELLS = 150_000  # of the sheet that is read
MOST_HELD = 3 * MOST_CELLS  # of all sheets, where a workbook is held as a whole
MOST_COLUMNS = 60
LAST_ROW = 2 * MOST_ROWS  # blank rows between the others are allowed, a value at the end of the world is not
EXACT_BELOW = 10**11  # a figure below it, with four decimals, has the 15 digits that spreadsheets keep
WRONG = PatternFill("solid", start_color="FFF4CCCC")
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_NAMESPACE = f"{{{_MAIN}}}"
_EMPTY = f'<worksheet xmlns="{_MAIN}"><sheetData/></worksheet>'


def looks_like_one(content: bytes, file_name: str) -> bool:
    """Is this meant as a workbook? Its content decides: a name is only a name."""
    return content.startswith(b"PK\x03\x04") or file_name.lower().endswith((".xlsx", ".xlsm", ".xls", ".ods"))


@dataclass(frozen=True)
class Sheet:
    """A sheet of a workbook: its name, and its rows that are not blank, the header first, as text."""

    title: str
    rows: list[RawRow]


Choose = Callable[[list[Any], str], Any]  # (sheets of openpyxl, name of the file) to the sheet that is meant


def first_visible(sheets: list[Any], file_name: str) -> Any:
    """The first sheet that is not hidden. Raises UnreadableFile."""
    sheet = next((one for one in sheets if one.sheet_state == "visible"), None)
    if sheet is None:
        raise UnreadableFile(f"{file_name} has no visible sheet.")
    return sheet


def read(content: bytes, file_name: str, choose: Choose = first_visible) -> Sheet:
    """One sheet.

    Raises:
        UnreadableFile: no workbook, too large, with macros, with merged cells; the text names the cell or the limit.
    """
    with _readable(content, file_name) as archive:
        _refuse_dangers(archive, file_name)
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
        try:
            sheet = choose(book.worksheets, file_name)
            last_row, last_column = _measure(archive, sheet._worksheet_path.lstrip("/"), sheet.title)
            sheet.reset_dimensions()
            rows = [
                _row(number, cells)
                for number, cells in enumerate(sheet.iter_rows(max_row=last_row, max_col=last_column), 1)
            ]
        finally:
            book.close()
    return Sheet(sheet.title, _fitted([row for row in rows if any(row.cells)]))


@contextmanager
def _readable(content: bytes, file_name: str) -> Iterator[zipfile.ZipFile]:
    """Whatever the reading of a broken or hostile file raises becomes one clear message."""
    try:
        with warnings.catch_warnings(), zipfile.ZipFile(io.BytesIO(content)) as archive:
            warnings.simplefilter("ignore")  # openpyxl warns of charts and the like, which nobody asked it to read
            yield archive
    except UnreadableFile:
        raise
    except Exception as failure:
        raise UnreadableFile(
            f"{file_name} is no workbook that can be read. Save it as .xlsx, without a password, and try again."
        ) from failure


def _refuse_dangers(archive: zipfile.ZipFile, file_name: str) -> None:
    entries = archive.infolist()
    if len(entries) > MOST_ENTRIES:
        raise UnreadableFile(f"{file_name} consists of {len(entries):,} parts; at most {MOST_ENTRIES:,} are allowed.")
    if sum(entry.file_size for entry in entries) > LARGEST_UNPACKED:
        raise UnreadableFile(f"{file_name} is larger than {LARGEST_UNPACKED // 1024**2} MB when unpacked.")
    if any(entry.filename.lower().endswith("vbaproject.bin") for entry in entries):
        raise UnreadableFile(f"{file_name} contains macros. Save it as .xlsx without macros.")


def _elements(archive: zipfile.ZipFile, name: str) -> Iterator:
    with archive.open(name) as source:
        for event, element in ElementTree.iterparse(source, events=("start", "end"), forbid_dtd=True):
            yield event, element
            if event == "end" and element.tag == f"{_NAMESPACE}row":
                element.clear()


def _measure(archive: zipfile.ZipFile, path: str, title: str) -> tuple[int, int]:
    """The last row and column that hold a value. Refuses merged cells, too many, and values where no list reaches."""
    last_row = last_column = row = column = cells = 0
    for event, element in _elements(archive, path):
        if element.tag == f"{_NAMESPACE}row" and event == "start":
            row, column = int(element.get("r") or row + 1), 0
        elif element.tag == f"{_NAMESPACE}c" and event == "end":
            if (cells := cells + 1) > MOST_CELLS:
                raise UnreadableFile(
                    f"The sheet {title} has more than {MOST_CELLS:,} filled or formatted cells. "
                    "Copy its values into a new workbook."
                )
            name = element.get("r") or f"{get_column_letter(column + 1)}{row}"
            column = coordinate_to_tuple(name)[1]
            if not len(element):
                continue
            if row > LAST_ROW or column > MOST_COLUMNS:
                raise UnreadableFile(
                    f"The sheet {title} holds a value in {name}; at most {MOST_ROWS:,} rows and "
                    f"{MOST_COLUMNS} columns can be imported."
                )
            last_row, last_column = max(last_row, row), max(last_column, column)
        elif element.tag == f"{_NAMESPACE}mergeCell" and event == "end":
            raise UnreadableFile(f"The cells {element.get('ref')} of the sheet {title} are merged. Unmerge them.")
    return last_row or 1, last_column or 1


def _row(number: int, cells: tuple) -> RawRow:
    formulas = {place: cell.coordinate for place, cell in enumerate(cells) if cell.data_type == "f"}
    texts = [" " if place in formulas else _text(cell.value) for place, cell in enumerate(cells)]
    return RawRow(number, texts, formulas)


def _text(value: object) -> str:
    """A value as somebody would have typed it into a list."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float) and math.isfinite(value):
        return _figure(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat(" ")
    return str(value)


def _figure(value: float) -> str:
    """A figure as the spreadsheet shows it: what is computed there is off by less than anybody sees (0.1 + 0.2)."""
    if value.is_integer():
        return str(int(value))
    shown = f"{value:.15g}" if abs(value) < EXACT_BELOW else repr(value)
    return f"{Decimal(shown):f}"


def _fitted(rows: list[RawRow]) -> list[RawRow]:
    """Rows as wide as the header, or wider where a value stands beyond it."""
    if not rows:
        return []
    width = max(place for place, cell in enumerate(rows[0].cells, 1) if cell.strip() or place == 1)
    fitted = []
    for row in rows:
        used = max((place for place, cell in enumerate(row.cells, 1) if cell), default=0)
        cells = [*row.cells[: max(width, used)], *[""] * (width - len(row.cells))]
        fitted.append(RawRow(row.number, cells, row.formulas))
    return fitted


def handed_back(
    content: bytes, file_name: str, problems: Mapping[int, Mapping[int, str]], choose: Choose = first_visible
) -> bytes:
    """The workbook as it came, its wrong cells filled and commented; macros and links to other files are gone.

    Where its sheets are too large together, the other ones come back empty.

    Args:
        problems: number of the row to place of the cell (from 0) to what is wrong with it.
    """
    with _readable(content, file_name) as archive:
        book = openpyxl.load_workbook(io.BytesIO(_held(archive, content, file_name, choose)), keep_links=False)
        sheet = choose(book.worksheets, file_name)
        for number, cells in problems.items():
            for place, message in cells.items():
                cell = sheet.cell(number, place + 1)
                cell.fill, cell.comment = WRONG, Comment(message, "BMMS")
        target = io.BytesIO()
        book.save(target)
    return target.getvalue()


def _held(archive: zipfile.ZipFile, content: bytes, file_name: str, choose: Choose) -> bytes:
    """The workbook, its other sheets emptied where memory would not hold them."""
    sheets = [name for name in archive.namelist() if name.startswith("xl/worksheets/") and name.endswith(".xml")]
    cells = (
        event == "start" and element.tag == f"{_NAMESPACE}c"
        for name in sheets
        for event, element in _elements(archive, name)
    )  # fmt: skip
    if sum(cells) <= MOST_HELD:
        return content
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
    try:
        meant = choose(book.worksheets, file_name)._worksheet_path.lstrip("/")
    finally:
        book.close()
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as lighter:
        for name in archive.namelist():
            lighter.writestr(name, _EMPTY if name in sheets and name != meant else archive.read(name))
    return target.getvalue()
