"""A sheet with one thing a row: found in an uploaded file, its headings understood, its rows as texts by field."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import Any

from openpyxl.utils.cell import get_column_letter

from bmms.domain.files import recognition
from bmms.domain.files.kinds import XLSX, Refused
from bmms.domain.imports import csv_file, workbook
from bmms.domain.imports.raw import MOST_ROWS, RawRow, UnreadableFile
from bmms.domain.imports.values import some

LARGEST = 5 * 1024 * 1024


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes:
        most: signs that its text may have.
        is_shown: it tells and is never read.
    """

    field: str
    heading: str
    width: int = 12
    most: int = 4_000
    is_shown: bool = False


@dataclass(frozen=True)
class Layout:
    """How the sheet looks in the export, and what a file must have to be read.

    Attributes:
        sheet: its name.
        thing: what stands in a row, such as `item`.
        needed: the field without whose column nothing can be read.
        key: the field that names what exists already.
        others: sheets of the export that are never meant, in small letters.
        most_rows: more are refused.
        with_texts: text is read too, CSV or cells that were pasted.
    """

    sheet: str
    thing: str
    columns: Sequence[Column]
    needed: str
    key: str
    others: Sequence[str] = ()
    most_rows: int = MOST_ROWS
    with_texts: bool = False

    @cached_property
    def by_field(self) -> dict[str, Column]:
        """The columns."""
        return {column.field: column for column in self.columns}

    @cached_property
    def by_name(self) -> dict[str, Column]:
        """The columns by their headings, as people may write them."""
        return {_plain(column.heading): column for column in self.columns}

    def choose(self, sheets: list[Any], file_name: str) -> Any:
        """The sheet that is meant: by its name, or the only one that it can be; hidden ones are passed over.

        Raises:
            UnreadableFile: there is none.
        """
        visible = [one for one in sheets if one.sheet_state == "visible"]
        named = [one for one in sheets if one.title.strip().casefold() == self.sheet.casefold()]
        others = [one for one in visible if one.title.strip().casefold() not in (*self.others, self.sheet.casefold())]
        if found := [one for one in named if one in visible] or (others if len(others) == 1 else []):
            return found[0]
        if named:
            raise UnreadableFile(
                f"The sheet {named[0].title} of {file_name} is hidden. Unhide it and upload the file again."
            )
        has = ", ".join(f"“{one.title}”" for one in visible) or "no sheet that can be seen"
        raise UnreadableFile(
            f"{file_name} has no sheet “{self.sheet}”; it has {has}. Give the sheet with the {self.thing}s that name."
        )


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
    """A sheet that could be read; of text that was pasted the title is empty."""

    layout: Layout
    file_name: str
    content: bytes
    title: str
    header: RawRow
    places: Mapping[str, int]  # field to the place of its column, from 0
    rows: Sequence[Row]
    raw: Sequence[RawRow]
    warnings: Sequence[str]

    @property
    def sha256(self) -> str:
        """Of the file."""
        return hashlib.sha256(self.content).hexdigest()

    def cell(self, row: Row, field: str) -> str:
        """The name of a cell, such as `Items!F17`; of the row where the file has no such column."""
        place = self.places.get(field)
        return _name(self.title, place, row.number) if place is not None else f"row {row.number}"

    def handed_back(self, problems: Mapping[int, Mapping[str, str]]) -> bytes:
        """The file as it came: a workbook with its wrong cells filled and commented, CSV with a column of problems.

        Args:
            problems: number of the row to field to what is wrong.
        """
        if not is_workbook(self.content):
            return csv_file.handed_back(self.header, self.raw, {key: self._told(one) for key, one in problems.items()})
        first = min(self.places.values())
        marks: dict[int, dict[int, str]] = {}
        for number, told in problems.items():
            for field, message in told.items():
                place = self.places.get(field, first)
                before = marks.setdefault(number, {}).get(place, "")
                marks[number][place] = f"{before} {message}".strip()
        return workbook.handed_back(self.content, self.file_name, marks, self.layout.choose)

    def _told(self, problems: Mapping[str, str]) -> str:
        return " ".join(f"{self.layout.by_field[field].heading}: {message}" for field, message in problems.items())


def is_workbook(content: bytes) -> bool:
    """A workbook, or text."""
    return content.startswith(b"PK\x03\x04")


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


def read(content: bytes, file_name: str, layout: Layout) -> Table:
    """Read an uploaded workbook, or text where the layout allows it.

    Raises:
        UnreadableFile: as a whole it cannot be imported; names the sheet, the cell and the remedy.
    """
    is_text = layout.with_texts and not is_workbook(content)
    sheet = _texts(content, layout) if is_text else workbook.read(content, file_name, layout.choose)
    named = f"sheet {sheet.title}" if sheet.title else "list"
    if not sheet.rows:
        raise UnreadableFile(f"The {named} is empty. Its first row names the columns.")
    header, *below = sheet.rows
    places, warnings = _headings(layout, sheet.title, header)
    if len(below) > layout.most_rows:
        raise UnreadableFile(f"The {named} has more than {layout.most_rows:,} rows; import it in parts.")
    if sheet.title and sheet.title.strip().casefold() != layout.sheet.casefold():
        warnings.append(f"There is no sheet {layout.sheet}; the sheet {sheet.title} was read in its place.")
    if stray := [name for row in below for name in _stray(sheet.title, header, row)]:
        warnings.append(f"Cells in columns without a heading were left out: {some(stray)}.")
    rows = [row for row in (_row(one, places) for one in below) if any(row.texts.values()) or row.formulas]
    if not rows:
        raise UnreadableFile(f"The {named} has no {layout.thing}s below its headings.")
    return Table(layout, file_name, content, sheet.title, header, places, rows, below, warnings)


def _texts(content: bytes, layout: Layout) -> workbook.Sheet:
    """CSV, or pasted cells; without a row of headings its columns are those of the layout, in their order."""
    raw = csv_file.read(content)
    if wide := next((row for row in raw if len(row.cells) > workbook.MOST_COLUMNS), None):
        raise UnreadableFile(
            f"Line {wide.number} has {len(wide.cells)} cells; at most {workbook.MOST_COLUMNS} are read."
        )
    rows = [_calculated(row) for row in raw]
    known = [cell for cell in (rows[0].cells if rows else ()) if _plain(cell) in layout.by_name]
    if rows and len(known) < min(2, len(rows[0].cells)):
        rows.insert(0, RawRow(0, [column.heading for column in layout.columns]))
    return workbook.Sheet("", rows)


def _calculated(row: RawRow) -> RawRow:
    formulas = {place: _name("", place, row.number) for place, cell in enumerate(row.cells) if cell.strip()[:1] == "="}
    return RawRow(row.number, row.cells, formulas)


def _row(raw: RawRow, places: Mapping[str, int]) -> Row:
    cells = dict(enumerate(raw.cells))
    texts = {field: csv_file.plain(cells.get(place, "").strip()) for field, place in places.items()}
    return Row(
        raw.number, texts, {field: raw.formulas[place] for field, place in places.items() if place in raw.formulas}
    )


def _plain(heading: str) -> str:
    return " ".join(re.findall(r"\w+", heading.casefold()))


def _name(title: str, place: int, row: int) -> str:
    return f"{title}!{get_column_letter(place + 1)}{row}".removeprefix("!")


def _headings(layout: Layout, title: str, header: RawRow) -> tuple[dict[str, int], list[str]]:
    """Field to place, and what is to be said about headings that are not known."""
    found: dict[str, int] = {}
    strange = []
    for place, heading in enumerate(header.cells):
        name, cell = _plain(heading), _name(title, place, header.number)
        column = layout.by_name.get(name)
        if column and column.field in found:
            raise UnreadableFile(f"{cell}: the column “{heading.strip()}” appears twice. Remove one of the two.")
        if column:
            found[column.field] = place
        elif name:
            near = get_close_matches(name, layout.by_name, 1)
            meant = f" (do you mean “{layout.by_name[near[0]].heading}”?)" if near else ""
            strange.append(f"{cell} “{heading.strip()[:60]}”{meant}")
    told = f"Columns that are not known were left out: {', '.join(strange)}." if strange else ""
    if layout.needed not in found:
        named = f"sheet {title}" if title else "list"
        raise UnreadableFile(
            f"The {named} has no column “{layout.by_field[layout.needed].heading}”. Its row {header.number}, the first "
            f"with anything in it, must name the columns. {told}".strip()
        )
    warnings = [told] if told else []
    if layout.key not in found:
        heading = layout.by_field[layout.key].heading
        warnings.append(f"There is no column “{heading}”, so every row is taken as a new {layout.thing}.")
    return found, warnings


def _stray(title: str, header: RawRow, row: RawRow) -> list[str]:
    return [
        _name(title, place, row.number)
        for place, cell in enumerate(row.cells)
        if cell.strip() and (place >= len(header.cells) or not header.cells[place].strip())
    ]
