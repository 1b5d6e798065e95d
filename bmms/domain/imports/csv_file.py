"""CSV: UTF-8, comma, semicolon or tab; and CSV that no spreadsheet mistakes for formulas."""

import csv
import io
import re
from codecs import BOM_UTF8
from collections.abc import Mapping, Sequence

from bmms.domain.imports.raw import MOST_ROWS, RawRow, UnreadableFile

CALCULATED = ("=", "+", "-", "@", "\t", "\r")  # a cell that begins so is calculated by spreadsheets
_NUMBER = re.compile(r"[+-][0-9]+(\.[0-9]+)?")


def read(content: bytes) -> list[RawRow]:
    """All rows that are not blank, the header first.

    Raises:
        UnreadableFile: not UTF-8, a quotation mark that is never closed, a monstrous field; the text names the line.
    """
    text = _decoded(content)
    first_line = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = "\t" if "\t" in first_line else ";" if first_line.count(";") > first_line.count(",") else ","
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[RawRow] = []
    try:
        for number, cells in enumerate(lines, start=1):
            if any(cell.strip() for cell in cells):
                rows.append(RawRow(number, cells))
            if len(rows) > MOST_ROWS + 1:
                break
    except csv.Error as failure:
        raise UnreadableFile(f"Line {lines.line_num} cannot be read: {failure}.") from failure
    return rows


def _decoded(content: bytes) -> str:
    try:
        return content.removeprefix(BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError as failure:
        line = content.count(b"\n", 0, failure.start + len(BOM_UTF8) * content.startswith(BOM_UTF8)) + 1
        raise UnreadableFile(f"File is not UTF-8 (line {line}). Save it as CSV UTF-8 and try again.") from failure


def neutral(cell: str) -> str:
    """A cell that spreadsheets show and do not calculate: an apostrophe goes before what looks like a formula.

    Amounts such as -1250.50 and phone numbers such as +639171234567 are numbers to a spreadsheet, not formulas, and
    stay as they are.
    """
    is_formula = cell.lstrip("'").startswith(CALCULATED) and not _NUMBER.fullmatch(cell)
    return f"'{cell}" if is_formula else cell


def plain(cell: str) -> str:
    """A cell without the apostrophe that keeps spreadsheets from calculating it: what `neutral` was given."""
    return cell[1:] if cell[:1] == "'" and cell.lstrip("'").startswith(CALCULATED) else cell


def written(rows: Sequence[Sequence[str]]) -> bytes:
    """Rows as CSV that spreadsheets open rightly: UTF-8 with its mark, every cell neutral."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([neutral(cell) for cell in row] for row in rows)
    return BOM_UTF8 + text.getvalue().encode()


def handed_back(header: RawRow, rows: Sequence[RawRow], problems: Mapping[int, str]) -> bytes:
    """The list as it came, with a column `problem` (decision D49).

    Args:
        problems: number of the row to what is wrong with it; rows without an entry are right.
    """
    width = len(header.cells)
    lines = [[*_fitted(row.cells, width), problems.get(row.number, "")] for row in rows]
    return written([[*header.cells, "problem"], *lines])


def _fitted(cells: Sequence[str], width: int) -> list[str]:
    return [*cells[:width], *[""] * (width - len(cells))]
