"""The rows of a work plan's workbook after the check: what becomes of each, and what is wrong."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from bmms.domain.errors import RuleBroken
from bmms.domain.workplans.sheets.contents import Contents
from bmms.domain.workplans.sheets.reading import Row, Table
from bmms.models.work import WorkItem

DATES = ("starts_on", "ends_on", "is_multi_year")


class Fate(StrEnum):
    """What becomes of a row."""

    CREATE = "create"
    CHANGE = "change"
    UNCHANGED = "unchanged"
    ERROR = "error"


@dataclass
class Line:
    """One row, checked.

    Attributes:
        key: names the item among all of the work plan: its code, or for a new one the row.
        item: the item that it changes; None for a new one.
        answers: what the item would say; of an item that exists, only what would change.
        changes: field to before and after.
        wanted: the item as it would be, for the rules; it is never added to a session.
        problems: field to what is wrong.
    """

    row: Row
    key: str
    item: WorkItem | None = None
    answers: dict[str, Any] = field(default_factory=dict)
    changes: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    wanted: WorkItem = field(init=False)
    parent_key: str = ""
    objective_id: int = 0
    problems: dict[str, str] = field(default_factory=dict)

    @property
    def fate(self) -> Fate:
        """What becomes of it."""
        if self.problems:
            return Fate.ERROR
        if self.item is None:
            return Fate.CREATE
        return Fate.CHANGE if self.changes else Fate.UNCHANGED

    def blame(self, name: str, message: str) -> None:
        """Say what is wrong with a cell; the first word stands."""
        self.problems.setdefault(name, message)

    def keep(self, rule: Callable[..., None], *args: Any, at: str = "title", **named: Any) -> None:
        """Ask a rule, and keep what it says; `at` is the field of what names none."""
        try:
            rule(*args, **named)
        except RuleBroken as broken:
            for name, message in (broken.fields or {at: str(broken)}).items():
                self.blame(name, message)

    @property
    def moves(self) -> bool:
        """Is it new, or does it get other dates?"""
        return self.item is None or any(name in self.changes for name in DATES)

    @property
    def has_dates(self) -> bool:
        """Are its dates and kind known, so that others can be measured by them?"""
        return not any(name in self.problems for name in ("kind", *DATES))


@dataclass
class Checked:
    """A whole file, checked. Nothing has been written."""

    table: Table
    contents: Contents
    lines: list[Line]
    warnings: list[str]
    refusals: list[str] = field(default_factory=list)  # what stops the whole file

    @property
    def is_good(self) -> bool:
        """May it be imported?"""
        return not self.refusals and not any(line.problems for line in self.lines)

    def of(self, fate: Fate) -> list[Line]:
        """The lines of one fate."""
        return [line for line in self.lines if line.fate == fate]

    def handed_back(self) -> bytes:
        """The workbook with what is wrong written into it; empty when nothing is."""
        wrong = {line.row.number: line.problems for line in self.lines if line.problems}
        return self.table.handed_back(wrong) if wrong else b""
