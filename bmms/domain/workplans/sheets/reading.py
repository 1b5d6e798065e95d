"""The sheet "Items" of an uploaded workbook: found, its headings understood, its rows as texts by field."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from openpyxl.utils.cell import get_column_letter

from bmms.domain.files import recognition
from bmms.domain.files.kinds import XLSX, Refused
from bmms.domain.imports import workbook
from bmms.domain.imports.csv_file import plain
from bmms.domain.imports.raw import MOST_ROWS, RawRow, UnreadableFile
from bmms.domain.workplans.sheets.columns import COLUMNS, SHEET
from bmms.domain.workplans.sheets.values import some

LARGEST = 5 * 1024 * 1024
OTHERS = ("work plan", "objectives", "timeline", "lists")  # sheets of an export that are never meant


@dataclass(frozen=True)
class Row:
    """One row that says something.

    Attributes:
        number: as the spreadsheet shows it.
        texts: what its cells say, by field; columns that the file does not have are not in it.
        formulas: fields whose cells are calculated, and those cells.
    """

    number: int
    texts: Mapping[str, str]
    formulas: Mapping[str, str]


@dataclass(frozen=True)
class Table:
    """A sheet that could be read."""

    file_name: str
    sha256: str
    content: bytes
    title: str
    header: RawRow
    places: Mapping[str, int]  # field to the place of its column, from 0
    rows: Sequence[Row]
    warnings: Sequence[str]

    def cell(self, row: Row, field: str) -> str:
        """The name of a cell, such as `Items!F17`; of the row where the file has no such column."""
        place = self.places.get(field)
        return f"{self.title}!{get_column_letter(place + 1)}{row.number}" if place is not None else f"row {row.number}"

    def handed_back(self, problems: Mapping[int, Mapping[str, str]]) -> bytes:
        """The workbook as it came, its wrong cells filled and commented.

        Args:
            problems: number of the row to field to what is wrong.
        """
        first = min(self.places.values())
        marks: dict[int, dict[int, str]] = {}
        for number, told in problems.items():
            for field, message in told.items():
                place = self.places.get(field, first)
                before = marks.setdefault(number, {}).get(place, "")
                marks[number][place] = f"{before} {message}".strip()
        return workbook.handed_back(self.content, self.file_name, marks, choose_items)


def require_workbook(content: bytes, file_name: str) -> None:
    """Only a workbook goes on to the worker; its content decides, not its name.

    Raises:
        UnreadableFile: it is something else, locked, damaged, with macros, or too large; says what to do.
    """
    try:
        if len(content) > LARGEST:
            raise Refused(f"is larger than {LARGEST // 1024**2} MB", "Take out what is not needed and upload that.")
        if recognition.kind_of(content) is not XLSX:
            raise Refused("is no Excel workbook", "Save it as {kinds} and upload that.")
    except Refused as refused:
        raise UnreadableFile(f"{file_name} {refused.what}. {refused.remedy.format(kinds=XLSX.label)}") from None


def choose_items(sheets: list[Any], file_name: str) -> Any:
    """The sheet with the items: by its name, or the only one that it can be. Raises UnreadableFile."""
    named = [one for one in sheets if one.title.strip().casefold() == SHEET.casefold()]
    visible = [one for one in sheets if one.sheet_state == "visible"]
    if named and named[0] not in visible:
        raise UnreadableFile(
            f"The sheet {named[0].title} of {file_name} is hidden. Unhide it and upload the file again."
        )
    others = [one for one in visible if one.title.strip().casefold() not in OTHERS]
    if named or len(others) == 1:
        return (named or others)[0]
    has = ", ".join(f"“{one.title}”" for one in visible) or "no sheet that can be seen"
    raise UnreadableFile(f"{file_name} has no sheet “{SHEET}”; it has {has}. Give the sheet with the items that name.")


def read(content: bytes, file_name: str) -> Table:
    """Read an uploaded workbook.

    Raises:
        UnreadableFile: as a whole it cannot be imported; names the sheet, the cell and the remedy.
    """
    sheet = workbook.read(content, file_name, choose_items)
    if not sheet.rows:
        raise UnreadableFile(f"The sheet {sheet.title} is empty. Its first row names the columns.")
    header, *below = sheet.rows
    places, warnings = _headings(sheet.title, header)
    if len(below) > MOST_ROWS:
        raise UnreadableFile(f"The sheet {sheet.title} has more than {MOST_ROWS:,} rows; import it in parts.")
    if sheet.title.strip().casefold() != SHEET.casefold():
        warnings.append(f"There is no sheet {SHEET}; the sheet {sheet.title} was read in its place.")
    if stray := [name for row in below for name in _stray(sheet.title, header, row)]:
        warnings.append(f"Cells in columns without a heading were left out: {some(stray)}.")
    rows = [row for row in (_row(one, places) for one in below) if any(row.texts.values()) or row.formulas]
    if not rows:
        raise UnreadableFile(f"The sheet {sheet.title} has no items below its headings.")
    digest = hashlib.sha256(content).hexdigest()
    return Table(file_name, digest, content, sheet.title, header, places, rows, warnings)


def _row(raw: RawRow, places: Mapping[str, int]) -> Row:
    texts = {field: plain(raw.cells[place].strip()) for field, place in places.items()}
    return Row(
        raw.number, texts, {field: raw.formulas[place] for field, place in places.items() if place in raw.formulas}
    )


def _plain(heading: str) -> str:
    return " ".join(re.findall(r"\w+", heading.casefold()))


_FIELDS = {_plain(column.heading): column.field for column in COLUMNS}
_HEADINGS = {_plain(column.heading): column.heading for column in COLUMNS}


def _headings(title: str, header: RawRow) -> tuple[dict[str, int], list[str]]:
    """Field to place, and what is to be said about headings that are not known."""
    found: dict[str, int] = {}
    strange = []
    for place, heading in enumerate(header.cells):
        name, cell = _plain(heading), f"{title}!{get_column_letter(place + 1)}{header.number}"
        field = _FIELDS.get(name)
        if field in found:
            raise UnreadableFile(f"{cell}: the column “{heading.strip()}” appears twice. Remove one of the two.")
        if field:
            found[field] = place
        elif name:
            near = get_close_matches(name, _FIELDS, 1)
            meant = f" (do you mean “{_HEADINGS[near[0]]}”?)" if near else ""
            strange.append(f"{cell} “{heading.strip()[:60]}”{meant}")
    told = f"Columns that are not known were left out: {', '.join(strange)}." if strange else ""
    if "title" not in found:
        raise UnreadableFile(
            f"The sheet {title} has no column “Title”. Its row {header.number}, the first with anything in it, "
            f"must name the columns. {told}".strip()
        )
    warnings = [told] if told else []
    if "code" not in found:
        warnings.append("There is no column “Code”, so every row is taken as a new item.")
    return found, warnings


def _stray(title: str, header: RawRow, row: RawRow) -> list[str]:
    return [
        f"{title}!{get_column_letter(place + 1)}{row.number}"
        for place, cell in enumerate(row.cells)
        if cell.strip() and (place >= len(header.cells) or not header.cells[place].strip())
    ]
