"""A file of people as rows, whatever its format; and the reasons why a whole file is refused."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bmms.domain.imports import csv_file, workbook
from bmms.domain.imports.raw import MOST_ROWS, RawRow, UnreadableFile
from bmms.domain.people.checking import Entry
from bmms.domain.people.fields import OPTIONAL, REQUIRED, quoted, shown
from bmms.domain.people.problems import Problem

LARGEST = 10 * 1024 * 1024
COLUMNS = (*REQUIRED, *OPTIONAL)


@dataclass(frozen=True)
class Table:
    """A file that could be read: its rows, and which column holds which field."""

    file_name: str
    sha256: str
    content: bytes
    is_workbook: bool
    header: RawRow
    columns: Mapping[str, int]  # field to the place of its column, from 0
    rows: Sequence[RawRow]
    warnings: tuple[str, ...] = ()

    def cells(self, row: RawRow) -> dict[str, str]:
        """The known cells of a row as they were written, by field; empty for a row of another length."""
        return (
            {}
            if len(row.cells) != len(self.header.cells)
            else {name: csv_file.plain(row.cells[place]) for name, place in self.columns.items()}
        )

    def entries(self) -> list[Entry]:
        """The rows as the check wants them."""
        return [Entry(row.number, self.cells(row), tuple(self._problems(row))) for row in self.rows]

    def _problems(self, row: RawRow) -> list[Problem]:
        expected, found = len(self.header.cells), len(row.cells)
        if found != expected:
            return [Problem("row", f"expected {expected} fields, found {found}")]
        return [
            Problem(name, f"Cell {row.formulas[place]} holds a formula; type the value itself.")
            for name, place in self.columns.items()
            if place in row.formulas
        ]


def read_file(path: Path) -> Table:
    """Read a file that an operator names.

    Raises:
        UnreadableFile: it is not there, cannot be read, or is no list of people; the text says which.
    """
    if not path.exists():
        raise UnreadableFile(f"CSV file not found: {_path_text(path)}")
    if not path.is_file():
        raise UnreadableFile(
            f"Cannot read {_path_text(path)}: it is {'a directory' if path.is_dir() else 'no plain file'}."
        )
    try:
        with path.open("rb") as file:
            return read_table(file.read(LARGEST + 1), _path_text(Path(path.name)))
    except OSError as failure:
        raise UnreadableFile(f"Cannot read {_path_text(path)}: {failure.strerror}.") from failure


def _path_text(path: Path) -> str:
    """A path for a message; names that are no text have question marks in it."""
    return str(path).encode(errors="replace").decode()


def read_table(content: bytes, file_name: str) -> Table:
    """Read an uploaded file: a workbook by its content, anything else as CSV.

    Raises:
        UnreadableFile: as a whole it cannot be imported; the text says why and what to do.
    """
    if len(content) > LARGEST:
        raise UnreadableFile(f"{file_name} is larger than {LARGEST // 1024**2} MB.")
    is_workbook = workbook.looks_like_one(content, file_name)
    rows = workbook.read(content, file_name).rows if is_workbook else csv_file.read(content)
    if not rows:
        raise UnreadableFile("The file contains no users.")
    header, *people = rows
    columns, warnings = _columns(header.cells)
    if not people:
        raise UnreadableFile("The file contains no users.")
    if len(people) > MOST_ROWS:
        raise UnreadableFile(f"The file has more than {MOST_ROWS:,} rows; import it in parts.")
    digest = hashlib.sha256(content).hexdigest()
    return Table(file_name, digest, content, is_workbook, header, columns, people, tuple(warnings))


def _columns(header: Sequence[str]) -> tuple[dict[str, int], list[str]]:
    names = [name.strip().lower().replace(" ", "_").replace("-", "_") for name in header]
    if repeated := sorted({name for name in names if name and names.count(name) > 1}):
        raise UnreadableFile(f"Columns appear twice: {', '.join(map(shown, repeated))}.")
    if missing := sorted(set(REQUIRED) - set(names)):
        raise UnreadableFile(f"Missing columns: {', '.join(missing)}.")
    columns = {name: place for place, name in enumerate(names) if name in COLUMNS}
    unknown = [quoted(header[place].strip()) for place, name in enumerate(names) if name and name not in COLUMNS]
    return columns, [f"Columns that are not known were left out: {', '.join(unknown)}."] if unknown else []
