"""An act as a CSV file prints it: rows of bodies, sections, programs and what lies below (format of gaab_2024.csv)."""

import hashlib
import json
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from bmms.domain.appropriations.amounts import Amounts
from bmms.domain.errors import RuleBroken
from bmms.domain.programs.queries import STRUCTURES
from bmms.domain.reference import rows
from bmms.domain.reference.rows import Row
from bmms.models.appropriations import LineLevel, Section
from bmms.models.programs import CostStructure

COLUMNS = (
    "fiscal_year", "moa_code", "section", "program", "subprogram", "ps_php", "mooe_php", "co_php", "total_php", "act",
    "source_path", "level", "note",
)  # fmt: skip
TOTALS = {"moa_total": False, "moa_total_group": True}  # the levels of a body's total: is it that of a group?
SECTIONS = {Section.GAS.value, Section.STO.value, Section.OPERATIONS.value}
WITHIN = " > "  # between a sub-program and what lies in it


@dataclass
class Printed:
    """One line as the act prints it, with what it prints below it."""

    number: int  # the row of the file
    section: Section
    level: LineLevel
    title: str
    amounts: Amounts
    stated: Decimal  # the total that the row states
    note: str = ""
    source: str = ""
    below: list["Printed"] = field(default_factory=list)


@dataclass
class Body:
    """A ministry, office, agency, fund or group with its stated total and its lines at the top."""

    number: int
    code: str
    is_group: bool
    amounts: Amounts
    stated: Decimal
    note: str
    source: str
    below: list[Printed] = field(default_factory=list)

    @property
    def name(self) -> str:
        """What a fund is called; an organization's own name stands in its own record."""
        return next((line.title for line in self.below if line.level == LineLevel.FUND), "")


@dataclass
class Act:
    """A whole act."""

    fiscal_year: int
    title: str
    bodies: list[Body]
    row_count: int
    sha256: str  # of what the rows say


def read(path: Path) -> Act:
    """The act that a file holds.

    Raises:
        RuleBroken: it cannot be understood; the text names file, row and column.
    """
    found = list(rows.read(path, *COLUMNS))
    if not found:
        raise RuleBroken(f"{path.name}: there are no rows below the header.")
    first = found[0]
    year, title = _year(first), first.text("act", 200, required=True)
    bodies, places = _bodies(found), _Places()
    for row in found:
        if _year(row) != year or row.text("act", 200) != title:
            row.refuse("act", f"must be {title}, fiscal year {year}, as in row 2: a file holds one act.")
        if row.text("level") not in TOTALS:
            places.put(row, bodies)
    said = json.dumps([[row.text(name) for name in sorted(row.cells)] for row in found])
    return Act(year, title, list(bodies.values()), len(found), hashlib.sha256(said.encode()).hexdigest())


def _year(row: Row) -> int:
    year = row.whole_number("fiscal_year")
    if year is None or not 2019 <= year <= 2100:
        row.refuse("fiscal_year", f"must be a year from 2019, not {row.text('fiscal_year')!r}.")
    return year


def _bodies(found: list[Row]) -> dict[str, Body]:
    """By code, in the order of the act; each has exactly one row with its total."""
    bodies: dict[str, Body] = {}
    for row in found:
        code, level = row.text("moa_code", 20, required=True), row.text("level")
        if level not in TOTALS:
            continue
        if code in bodies:
            row.refuse("level", f"repeats the total of {code} in row {bodies[code].number}.")
        printed, stated = _amounts(row)
        whole = printed + Amounts(unclassed=stated - printed.total)
        note, source = row.text("note"), row.text("source_path")
        bodies[code] = Body(row.number, code, TOTALS[level], whole, stated, note, source)
    return bodies


def _amounts(row: Row) -> tuple[Amounts, Decimal]:
    """The classes of a row and the total that it states, pesos; an empty cell is nothing."""
    finex = row.money("finex_php") if "finex_php" in row.cells else Decimal("0.00")
    printed = Amounts(row.money("ps_php"), row.money("mooe_php"), finex, row.money("co_php"))
    return printed, row.money("total_php")


class _Places:
    """Where the lines of an act lie, as far as it has been read."""

    def __init__(self) -> None:
        self._lines: dict[tuple[str, ...], Printed] = {}

    def put(self, row: Row, bodies: dict[str, Body]) -> None:
        """Take one row below the total of a body; the line in which it lies stands above it in the file."""
        code, level = row.text("moa_code", 20, required=True), row.word("level", LineLevel)
        if code not in bodies:
            row.refuse("moa_code", f"{code} has no row with its total (level moa_total).")
        way = _way(row, code, level)
        if way in self._lines:
            row.refuse("level", f"repeats row {self._lines[way].number}: {way[-1]}.")
        is_top = level in (LineLevel.SECTION, LineLevel.FUND)
        holder = bodies[code].below if is_top else self._below(row, way[:-1])
        self._lines[way] = line = _line(row, way, level)
        holder.append(line)

    def _below(self, row: Row, way: tuple[str, ...]) -> list[Printed]:
        if way not in self._lines:
            row.refuse("level", f"the line in which it lies does not stand above it: {', '.join(way)}.")
        return self._lines[way].below


def _way(row: Row, code: str, level: LineLevel) -> tuple[str, ...]:
    """The names from the body down to this line."""
    section, program = row.text("section"), row.text("program", 300)
    below = [part.strip() for part in row.text("subprogram", 600).split(WITHIN) if part.strip()]
    if level == LineLevel.FUND:
        return code, "fund", row.text("program", 200, required=True)
    if any(len(part) > 300 for part in below):
        row.refuse("subprogram", "has a name of more than 300 characters.")
    if section not in SECTIONS:
        row.refuse("section", f"must be gas, sto or operations, not {section!r}.")
    way = (code, section, *([program] if program else []), *below)
    deep = {LineLevel.SECTION: 2, LineLevel.PROGRAM: 3, LineLevel.SUB_PROGRAM: 4, LineLevel.BELOW: 5}[level]
    if len(way) != deep:
        row.refuse("level", f"is {level}, but section, program and subprogram name {len(way) - 1} steps.")
    return way


def _line(row: Row, way: tuple[str, ...], level: LineLevel) -> Printed:
    amounts, stated = _amounts(row)
    if stated and not amounts:
        row.refuse("total_php", "states a total without classes; only the total of a whole body may do so.")
    section = Section.FUND if level == LineLevel.FUND else Section(way[1])
    title = STRUCTURES[CostStructure(section.value)] if level == LineLevel.SECTION else way[-1]
    return Printed(row.number, section, level, title, amounts, stated, row.text("note"), row.text("source_path"))
