"""Rows of an uploaded sheet after the check: what becomes of each, and what is wrong."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Generic, TypeVar

from bmms.domain import merging
from bmms.domain.errors import RuleBroken
from bmms.domain.imports.table import Row, Table


class Fate(StrEnum):
    """What becomes of a row."""

    CREATE = "create"
    CHANGE = "change"
    UNCHANGED = "unchanged"
    ERROR = "error"


@dataclass(kw_only=True)
class CheckedRow:
    """One row, checked.

    Attributes:
        changes: field to before and after.
        problems: field to what is wrong.
    """

    row: Row = field(kw_only=False)
    changes: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)

    @property
    def is_new(self) -> bool:
        """Does it stand for something that is not there yet?"""
        raise NotImplementedError

    @property
    def fate(self) -> Fate:
        """What becomes of it."""
        if self.problems:
            return Fate.ERROR
        if self.is_new:
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


AnyRow = TypeVar("AnyRow", bound=CheckedRow)


@dataclass
class Checked(Generic[AnyRow]):
    """A whole file, checked. Nothing has been written."""

    table: Table
    lines: list[AnyRow]
    warnings: list[str]
    refusals: list[str] = field(default_factory=list, kw_only=True)  # what stops the whole file

    @property
    def is_good(self) -> bool:
        """May it be imported?"""
        return not self.refusals and not any(line.problems for line in self.lines)

    def of(self, fate: Fate) -> list[AnyRow]:
        """The lines of one fate."""
        return [line for line in self.lines if line.fate == fate]

    def handed_back(self) -> bytes:
        """The file with what is wrong written into it; empty when nothing is."""
        wrong = {line.row.number: line.problems for line in self.lines if line.problems}
        return self.table.handed_back(wrong) if wrong else b""


class Seen:
    """What a row said when its file was made, as digests in a hidden column: an import merges by them (`merging`)."""

    def __init__(self, names: Sequence[str]) -> None:
        """Digests of these answers, in this order."""
        self._names, self._form = names, merging.digest("\n".join(names))[:4]

    def write(self, key: str, now: dict[str, Any]) -> str:
        """The cell of what is named by `key` and says this now."""
        return " ".join([self._form, key, *(merging.digest(now[name]) for name in self._names)])

    def read(self, text: str, key: str) -> dict[str, str] | None:
        """The digests, if they are those of its own row and of this form."""
        form, _, rest = text.partition(" ")
        own, _, digests = rest.partition(" ")
        found = digests.split()
        right = (form, own, len(found)) == (self._form, key, len(self._names))
        return dict(zip(self._names, found, strict=True)) if right else None
