"""The rows of a work plan's workbook after the check."""

from dataclasses import dataclass, field
from typing import Any

from bmms.domain.imports import checked
from bmms.domain.workplans.sheets.contents import Contents
from bmms.models.work import WorkItem

DATES = ("starts_on", "ends_on", "is_multi_year")


@dataclass
class Line(checked.CheckedRow):
    """One row, checked.

    Attributes:
        key: names the item among all of the work plan: its code, or for a new one the row.
        item: the item that it changes; None for a new one.
        answers: what the item would say; of an item that exists, only what would change.
        wanted: the item as it would be, for the rules; it is never added to a session.
    """

    key: str
    item: WorkItem | None = None
    answers: dict[str, Any] = field(default_factory=dict)
    wanted: WorkItem = field(init=False)
    parent_key: str = ""
    objective_id: int = 0

    @property
    def is_new(self) -> bool:
        """A new item?"""
        return self.item is None

    @property
    def moves(self) -> bool:
        """Is it new, or does it get other dates?"""
        return self.item is None or any(name in self.changes for name in DATES)

    @property
    def has_dates(self) -> bool:
        """Are its dates and kind known, so that others can be measured by them?"""
        return not any(name in self.problems for name in ("kind", *DATES))


@dataclass
class Checked(checked.Checked[Line]):
    """A whole workbook, checked against what the work plan says."""

    contents: Contents
