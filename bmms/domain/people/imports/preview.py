"""What an import would do, row by row: the dry run of the command and the page before the button are the same."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from sqlalchemy.orm import Session

from bmms.domain.actors import Actor
from bmms.domain.imports import csv_file, workbook
from bmms.domain.people.checking import Batch, Checked, Demands, check_people
from bmms.domain.people.imports.table import Table
from bmms.domain.people.problems import Problem, email_registered
from bmms.domain.people.seats import Seats
from bmms.domain.permissions import Permission


class Fate(StrEnum):
    """What becomes of a row."""

    CREATE = "create"
    UPDATE = "update"
    UNCHANGED = "unchanged"
    ERROR = "error"


@dataclass(frozen=True)
class PreviewRow:
    """One row of the file.

    Attributes:
        number: as a spreadsheet shows it; the header is 1.
        cells: what the file says, by field; empty for a row of another length.
        username: the username that it has or would get; empty when that cannot be said.
        problems: what is wrong, each with its field (`row` for the row as a whole).
    """

    number: int
    cells: Mapping[str, str]
    username: str
    fate: Fate
    problems: Sequence[Problem]
    warnings: Sequence[str]

    def problem_of(self, field: str) -> str:
        """What is wrong with one cell, as one text; empty when nothing is."""
        return " ".join(str(problem) for problem in self.problems if problem.field == field)


@dataclass(frozen=True)
class Preview:
    """A file, checked: its rows and what would become of them. Nothing has been written."""

    table: Table
    batch: Batch

    @cached_property
    def rows(self) -> list[PreviewRow]:
        """All rows in the order of the file."""
        pairs = zip(self.table.rows, self.batch.people, strict=True)
        return [_preview(self.table.cells(raw), checked) for raw, checked in pairs]

    @property
    def wrong(self) -> list[PreviewRow]:
        """The rows with errors."""
        return [row for row in self.rows if row.fate == Fate.ERROR]

    @property
    def ready(self) -> list[PreviewRow]:
        """The rows without errors, whether they would change anything or not."""
        return [row for row in self.rows if row.fate != Fate.ERROR]

    def count(self, fate: Fate) -> int:
        """How many rows share this fate."""
        return sum(row.fate == fate for row in self.rows)

    @property
    def new_by_organization(self) -> Counter[str]:
        """How many accounts each organization would get, in the order of the file."""
        return self.batch.new_by_organization()

    @property
    def knows_people(self) -> bool:
        """Is a row wrong because its address is registered already?"""
        people = ((checked.values["email"], checked.problems) for checked in self.batch.wrong)
        return any(email_registered(email) in problems for email, problems in people)

    @property
    def seats(self) -> Mapping[str, Seats]:
        """The seats of the organizations in this file, before the import."""
        return self.batch.seats

    @property
    def warnings(self) -> list[str]:
        """What to look at and may stay: unknown columns, other domains, modules switched off; each once."""
        told = [*self.table.warnings, *(warning for row in self.rows for warning in row.warnings)]
        return list(dict.fromkeys(told))

    def handed_back(self) -> bytes:
        """The file with what is wrong written into it: marked cells in a workbook, a column `problem` in CSV (D49)."""
        if not self.table.is_workbook:
            told = {row.number: " ".join(map(str, row.problems)) for row in self.wrong}
            return csv_file.handed_back(self.table.header, self.table.rows, told)
        return workbook.handed_back(
            self.table.content, self.table.file_name, {row.number: self._marks(row) for row in self.wrong}
        )

    def _marks(self, row: PreviewRow) -> dict[int, str]:
        marks: dict[int, str] = {}
        for problem in row.problems:
            place = self.table.columns.get(problem.field, 0)
            marks[place] = f"{marks.get(place, '')} {problem}".strip()
        return marks


def preview_import(session: Session, actor: Actor, table: Table, demands: Demands) -> Preview:
    """Check a file as the import itself would; nothing is written.

    Raises:
        NotAllowed: the actor imports no people.
    """
    actor.require(Permission.IMPORT_RUN)
    return Preview(table, check_people(session, actor, table.entries(), demands))


def _preview(cells: Mapping[str, str], checked: Checked) -> PreviewRow:
    if not checked.ready:
        fate = Fate.ERROR
    elif checked.existing is None:
        fate = Fate.CREATE
    else:
        fate = Fate.UPDATE if checked.existing.differences(checked.values, checked.home) else Fate.UNCHANGED
    is_wrong = any(problem.field == "username" for problem in checked.problems)
    username = "" if is_wrong else checked.values["username"]
    if checked.existing:
        username = checked.existing.user.username
    return PreviewRow(checked.number, cells, username, fate, tuple(checked.problems), tuple(checked.warnings))
