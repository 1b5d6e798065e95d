"""The columns of the sheet "Items": their headings, how a value stands in a cell, and what a typed cell means."""

import re
from collections.abc import Callable, Collection, Mapping
from decimal import Decimal
from functools import cached_property
from typing import Any

from bmms.domain import merging
from bmms.domain.errors import RuleBroken
from bmms.domain.imports import values
from bmms.domain.imports.book import Cell
from bmms.domain.imports.checked import Seen
from bmms.domain.imports.table import Column, Layout
from bmms.domain.imports.values import NO, YES, Known, Unreadable, clean
from bmms.domain.planning import labels
from bmms.domain.workplans.items import BETWEEN_CODES
from bmms.domain.workplans.labels import TAGS
from bmms.domain.workplans.sheets.contents import ANSWERS, Contents
from bmms.models.work import ItemKind, WorkItem

SHEET = "Items"
NEW = re.compile(r"NEW[-_\w]*")  # in the place of a code: a new item that other rows can name
_BETWEEN = re.compile(r"[,;\n]+")


COLUMNS = (
    Column("code", "Code", 22),
    Column("kind", "Kind", 11),
    Column("parent", "Parent code", 22),
    Column("title", "Title", 50, most=300),
    Column("description", "Description", 40, most=8_000),
    Column("objective", "Objective", 10),
    Column("program_id", "Program code", 16),
    Column("starts_on", "Start"),
    Column("ends_on", "End"),
    Column("is_multi_year", "Several years", 13),
    Column("officer_id", "Officer", 18),
    Column("unit_id", "Unit", 24),
    Column("people", "Team", 24),
    Column("places", "Places", 30),
    Column("priority", "Priority", 10),
    Column("planned_cost", "Planned cost (PHP)", 18),
    Column("beneficiaries", "Beneficiaries", 13),
    Column("female", "Women and girls", 13),
    Column("male", "Men and boys", 13),
    Column("tags", "Tags", 24),
    Column("on_calendar", "On calendar", 11),
    Column("predecessors", "What comes first", 24, most=500),
    Column("status", "Status", 13, is_shown=True),
    Column("progress", "Progress", 10, is_shown=True),
    Column("started_on", "Actual start", 12, is_shown=True),
    Column("finished_on", "Actual end", 12, is_shown=True),
    Column("light", "Light", 10, is_shown=True),
    Column("seen", "Seen by BMMS", 10, is_shown=True),
)
LAYOUT = Layout(
    SHEET, "item", COLUMNS, needed="title", key="code", others=("work plan", "objectives", "timeline", "lists"),
)  # fmt: skip
BY_FIELD = LAYOUT.by_field
SEEN = Seen(ANSWERS)
NEEDED = {
    "title": "Name it.", "kind": "Choose a kind.", "ends_on": "Give the last day.", "priority": "Choose a priority.",
}  # fmt: skip


def as_text(cell: Cell) -> str:
    """A cell as it is read back: days as 2026-11-15, figures without trailing zeros."""
    return merging.word(cell)


class Cells:
    """Writes values of one work plan into cells, and reads them back."""

    def __init__(self, contents: Contents) -> None:
        self._contents = contents

    def write(self, field: str, value: Any) -> Cell:
        """A value as a cell; nothing is an empty text."""
        if value is None or value == "":
            return ""
        if isinstance(value, bool):
            return YES if value else NO
        return self._writers[field](value) if field in self._writers else value

    @cached_property
    def _writers(self) -> dict[str, Callable[[Any], Cell]]:
        held = self._contents
        return {
            "kind": labels.ITEM_KIND.__getitem__,
            "priority": labels.PRIORITY.__getitem__,
            "program_id": lambda key: held.programs[key].code,
            "unit_id": lambda key: held.units[key].name,
            "officer_id": self._person,
            "people": lambda keys: ", ".join(self._person(key) for key in keys),
            "tags": lambda codes: ", ".join(TAGS.get(code, code) for code in sorted(codes)),
        }

    def _person(self, membership_id: int) -> str:
        """The username; the name of somebody who works here no more."""
        member = self._contents.members.get(membership_id)
        return member.username if member else self._contents.names.member(membership_id)

    @staticmethod
    def shown(item: WorkItem) -> dict[str, Cell]:
        """What is computed or reported elsewhere, as cells."""
        return {
            "status": labels.ITEM_STATUS[item.status][0],
            "progress": share(item.progress),
            "started_on": item.started_on or "",
            "finished_on": item.finished_on or "",
        }

    def seen(self, item: WorkItem) -> str:
        """What an item said when the file was made."""
        return SEEN.write(item.code, self._contents.standing(item))

    def read(self, field: str, text: str, now: Any) -> Any:
        """What a typed cell means.

        Args:
            now: the value that the item has; what stands in the cell for it is read as it, whatever it is.

        Raises:
            Unreadable: nothing; the text says what to type.
        """
        typed = clean(text)
        if len(typed) > BY_FIELD[field].most:
            raise Unreadable(f"This is longer than {BY_FIELD[field].most:,} signs.")
        if now is not None and typed == as_text(self.write(field, now)):
            return now
        if not typed:
            if field in NEEDED:
                raise Unreadable(NEEDED[field])
            return self._nothing(field)
        return self._readers[field](typed, now)

    def _nothing(self, field: str) -> Any:
        if field in ("is_multi_year", "on_calendar"):
            return False
        return (
            [] if field in ("people", "tags") else ("" if field in ("description", "places", "predecessors") else None)
        )

    @cached_property
    def _readers(self) -> dict[str, Callable[[str, Any], Any]]:
        words: dict[str, Mapping[Any, str]] = {"kind": labels.ITEM_KIND, "priority": labels.PRIORITY}
        return {
            **{field: self._word_reader(names) for field, names in words.items()},
            **{field: lambda text, now: values.day_of(text) for field in ("starts_on", "ends_on")},
            **{field: lambda text, now: values.yes_or_no(text) for field in ("is_multi_year", "on_calendar")},
            **{field: lambda text, now: values.count_of(text) for field in ("beneficiaries", "female", "male")},
            **{field: lambda text, now: text for field in ("title", "description", "predecessors")},
            "planned_cost": lambda text, now: values.figure_of(text),
            "objective": self._read_objective,
            "program_id": lambda text, now: self._programs.read(text),
            "unit_id": lambda text, now: self._units.read(text),
            "officer_id": lambda text, now: self._read_person(text, ()),
            "people": lambda text, now: sorted({self._read_person(one, now or ()) for one in _parts(text)}),
            "places": self._read_places,
            "tags": lambda text, now: sorted({self._tags.read(one) for one in _parts(text)}),
        }

    @staticmethod
    def _word_reader(names: Mapping[Any, str]) -> Callable[[str, Any], Any]:
        known = Known.words(names)
        return lambda text, now: known.read(text)

    @cached_property
    def _tags(self) -> Known[str]:
        return Known({each: code for code, name in TAGS.items() for each in (code, name)}, "no tag")

    @cached_property
    def _programs(self) -> Known[int]:
        codes = {one.code: key for key, one in self._contents.programs.items() if one.same_as_id is None}
        return Known(codes, "no program of the register")

    @cached_property
    def _units(self) -> Known[int]:
        units = [unit for unit in self._contents.units.values() if unit.is_active]
        names = {name: unit.id for unit in units for name in (unit.code, unit.name) if name}
        return Known(names, "no open unit of this organization")

    @cached_property
    def _people(self) -> Known[int]:
        """Who works here, by username and by names that only one person has."""
        members = self._contents.members.values()
        names = [member.name.casefold() for member in members]
        once = {member.name: member.membership_id for member in members if names.count(member.name.casefold()) == 1}
        return Known(once | {member.username: member.membership_id for member in members}, "nobody who works here")

    def _read_person(self, text: str, now: Collection[int]) -> int:
        left = {self._person(key): key for key in now}
        return left[text] if text in left else self._people.read(text)

    def _read_objective(self, text: str, now: Any) -> int:
        found = re.match(r"(\d{1,4})(?:\.0*)?(?:\D|$)", text)
        if not found or int(found[1]) not in self._contents.ordinals.values():
            raise Unreadable(f"This work plan has no objective “{text[:60]}”. See the numbers in the sheet Objectives.")
        return int(found[1])

    def _read_places(self, text: str, now: Any) -> str:
        try:
            pairs = self._contents.gazetteer.read(text.replace(";", "\n"))
        except RuleBroken as broken:
            raise Unreadable(" ".join(broken.fields.values())) from None
        return "\n".join(self._contents.gazetteer.write(*one) for one in pairs)

    def code(self, text: str) -> str:
        """A code as it is drawn: `7` is `MOH-2026-PPA-0007`; the word of a new item stays as it is, in capitals."""
        typed = clean(text).upper()
        return f"{self._prefix}-{typed:0>4}" if typed.isdecimal() and len(typed) <= 6 else typed

    def codes(self, text: str) -> list[str]:
        """Several codes in one cell."""
        return sorted({self.code(part) for part in BETWEEN_CODES.split(text) if part})

    @cached_property
    def _prefix(self) -> str:
        return next((item.code.rpartition("-")[0] for item in self._contents.items), "")


def share(percent: Decimal | None) -> Cell:
    """Percent as the fraction that spreadsheets show as percent."""
    return "" if percent is None else percent / 100


def _parts(text: str) -> list[str]:
    return [part.strip() for part in _BETWEEN.split(text) if part.strip()]


def lists(contents: Contents) -> dict[str, list[Cell]]:
    """What can be chosen, by the field of its column."""
    cells = Cells(contents)
    return {
        "kind": [labels.ITEM_KIND[kind] for kind in ItemKind],
        "objective": sorted(contents.ordinals.values()),
        "program_id": list(cells._programs.names),
        "officer_id": sorted(member.username for member in contents.members.values()),
        "unit_id": [unit.name for unit in contents.units.values() if unit.is_active],
        "priority": list(labels.PRIORITY.values()),
        "is_multi_year": [YES, NO],
        "on_calendar": [YES, NO],
        "tags": list(TAGS.values()),
        "places": list(contents.gazetteer.names.values()),
    }
