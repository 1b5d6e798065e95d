"""Load the lists of `bmms/reference/` that all organizations share: the files say how the tables are to look."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bmms.domain import audit
from bmms.domain.actors import Actor
from bmms.domain.reference import rows
from bmms.domain.reference.object_codes import class_of
from bmms.domain.reference.rows import Row
from bmms.models.base import Base
from bmms.models.compliance import ComplianceItem
from bmms.models.lists import Theme, UnitOfMeasure
from bmms.models.locks import Lock
from bmms.models.reference import ExpenseClass, Holiday, HolidayClass, HolidayScope, ObjectCode, Place

LEVELS = ("region", "province", "special_geographic_area", "city", "municipality")  # a parent comes before its children

_Read = list[tuple[Row, dict[str, Any]]]


@dataclass(frozen=True)
class Counts:
    """What became of one table. `removed` and `kept` name rows that the file no longer has; kept ones are in use."""

    created: int
    updated: int
    unchanged: int
    removed: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        """Is the table different from before?"""
        return bool(self.created or self.updated or self.removed)


@dataclass(frozen=True)
class _Table:
    """How one file becomes rows of one model; `key` names the columns by which a row is known again."""

    file: str
    model: type[Base]
    key: tuple[str, ...]
    columns: tuple[str, ...]
    values: Callable[[Row], dict[str, Any]]
    arrange: Callable[[_Read], list[dict[str, Any]]] = lambda read: [values for _, values in read]


def load_reference(session: Session, actor: Actor, folder: Path = rows.FOLDER) -> dict[str, Counts]:
    """Make the tables like their files. Running it again changes nothing.

    A row that a file no longer has is removed, unless other rows refer to it: then it is kept and named in the counts.
    Rows without a source were typed by people: they stay as they are.

    Raises:
        RuleBroken: a file is malformed; the text names file, row and column. Nothing is changed then.
    """
    session.execute(select(func.pg_advisory_xact_lock(Lock.REFERENCE)))  # two operators: one waits
    read = {table.model.__tablename__: (table, _read(table, folder)) for table in TABLES}
    counts = {name: _make_like(session, table, wanted) for name, (table, wanted) in read.items()}
    if any(count.changed for count in counts.values()):
        changes: dict[str, Any] = {name: (None, asdict(count)) for name, count in counts.items()}
        audit.record(session, actor, "reference:load", **changes)
    return counts


def _read(table: _Table, folder: Path) -> list[dict[str, Any]]:
    read: _Read = []
    known: dict[tuple, int] = {}
    for row in rows.read(folder / table.file, *table.columns):
        values = table.values(row)
        key = tuple(values[name] for name in table.key)
        if key in known:
            row.refuse(table.columns[0], f"repeats row {known[key]}.")
        known[key] = row.number
        read.append((row, values))
    return table.arrange(read)


def _make_like(session: Session, table: _Table, wanted: list[dict[str, Any]]) -> Counts:
    present = {_key(table, row): row for row in session.scalars(select(table.model))}
    created = updated = 0
    for values in wanted:
        row = present.pop(tuple(values[name] for name in table.key), None)
        if row is None:
            session.add(table.model(**values))
            created += 1
        elif row.source and _update(row, values):  # type: ignore[attr-defined]
            updated += 1
    session.flush()
    vanished = [row for row in present.values() if row.source]  # type: ignore[attr-defined]
    removed, kept = _remove(session, table, vanished)
    return Counts(created, updated, len(wanted) - created - updated, removed, kept)


def _key(table: _Table, row: Base) -> tuple:
    return tuple(getattr(row, name) for name in table.key)


def _update(row: Base, values: dict[str, Any]) -> bool:
    changed = {name: value for name, value in values.items() if getattr(row, name) != value}
    for name, value in changed.items():
        setattr(row, name, value)
    return bool(changed)


def _remove(session: Session, table: _Table, vanished: list[Base]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Remove what nothing refers to; a province may go once its towns are gone, so this is tried until none goes."""
    names = {row: " ".join(str(part) for part in _key(table, row)) for row in vanished}
    kept, before = vanished, None
    while kept and kept != before:
        before, kept = kept, [row for row in kept if not _gone(session, row)]
    return tuple(sorted(names[row] for row in vanished if row not in kept)), tuple(sorted(names[row] for row in kept))


def _gone(session: Session, row: Base) -> bool:
    try:
        with session.begin_nested():
            session.delete(row)
    except IntegrityError:
        return False
    return True


def _holiday(row: Row) -> dict[str, Any]:
    return {
        "day": row.day("date"),
        "name": row.text("name", 200, required=True),
        "kind": row.word("class", HolidayClass),
        "scope": row.word("scope", HolidayScope),
        "is_estimated": row.yes("estimated"),
        "legal_basis": row.text("legal_basis"),
        "note": row.text("note"),
        "source": row.text("source", required=True),
    }


def _place(row: Row) -> dict[str, Any]:
    if row.text("level") not in LEVELS:
        row.refuse("level", f"must be one of {', '.join(LEVELS)}, not {row.text('level')!r}.")
    return {
        "psgc": _digits(row, "psgc"),
        "name": row.text("name", 200, required=True),
        "level": row.text("level"),
        "parent_psgc": _digits(row, "parent_psgc"),
        "in_barmm": row.yes("in_barmm"),
        "barangays": row.whole_number("barangays"),
        "note": row.text("note"),
        "source": row.text("source", required=True),
    }


def _digits(row: Row, column: str) -> str:
    value = row.text(column)
    if not (len(value) == 10 and value.isascii() and value.isdigit()):
        row.refuse(column, f"must be ten digits, not {value!r}.")
    return value


def _with_parents(read: _Read) -> list[dict[str, Any]]:
    """Parents first. Regions, and provinces of regions outside the file, have no parent."""
    levels = {values["psgc"]: LEVELS.index(values["level"]) for _, values in read}
    for row, values in read:
        parent = levels.get(values["parent_psgc"])
        if parent is None and values["level"] in ("region", "province"):
            values["parent_psgc"] = None
        elif parent is None:
            row.refuse("parent_psgc", f"{values['parent_psgc']} is no place of this file.")
        elif parent >= levels[values["psgc"]]:
            row.refuse("parent_psgc", f"{values['parent_psgc']} is no higher level than {values['level']}.")
    return sorted((values for _, values in read), key=lambda values: levels[values["psgc"]])


def _theme(row: Row) -> dict[str, Any]:
    return {
        "code": row.text("code", 20, required=True),
        "title": row.text("title", 200, required=True),
        "ordinal": row.whole_number("ordinal"),
        "source": row.text("source", required=True),
    }


def _unit_of_measure(row: Row) -> dict[str, Any]:
    return {
        "name": row.text("name", 60, required=True),
        "counts_people": row.yes("counts_people"),
        "source": row.text("source", required=True),
    }


def _object_code(row: Row) -> dict[str, Any]:
    code = _digits(row, "code")
    expense_class = class_of(code)
    if expense_class is None:
        row.refuse("code", f"{code} is no object of PS (501), MOOE (502), FinEx (503) or CO (506).")
    if row.word("expense_class", ExpenseClass) != expense_class:
        row.refuse("expense_class", f"must be {expense_class}, as the digits of {code} say.")
    return {
        "code": code,
        "title": row.text("title", 300, required=True),
        "expense_class": expense_class,
        "level": row.text("level", 30, required=True),
        "valid_from": row.day("valid_from") if row.text("valid_from") else None,
        "valid_to": row.day("valid_to") if row.text("valid_to") else None,
        "authority": row.text("authority"),
        "source": row.text("source", required=True),
        "note": row.text("note"),
    }


def _compliance_item(row: Row) -> dict[str, Any]:
    return {
        "code": row.text("code", 20, required=True),
        "ordinal": row.whole_number("ordinal"),
        "text": row.text("text", required=True),
        "citation": row.text("citation", 200),
        "is_automatic": row.yes("automatic"),
        "is_hard": row.yes("hard"),
        "needs_file": row.yes("needs_file"),
        "from_year": row.whole_number("from_year"),
        "to_year": row.whole_number("to_year"),
        "source": row.text("source", required=True),
    }


TABLES = (
    _Table(
        "holidays.csv", Holiday, ("day", "name"),
        ("date", "name", "class", "scope", "estimated", "legal_basis", "note", "source"), _holiday,
    ),
    _Table(
        "places.csv", Place, ("psgc",),
        ("psgc", "name", "level", "parent_psgc", "in_barmm", "barangays", "note", "source"), _place, _with_parents,
    ),
    _Table(
        "object_codes.csv", ObjectCode, ("code",),
        ("code", "title", "expense_class", "level", "valid_from", "valid_to", "authority", "source", "note"),
        _object_code,
    ),
    _Table("themes.csv", Theme, ("code",), ("code", "title", "ordinal", "source"), _theme),
    _Table("units_of_measure.csv", UnitOfMeasure, ("name",), ("name", "counts_people", "source"), _unit_of_measure),
    _Table(
        "compliance_items.csv", ComplianceItem, ("code",),
        ("code", "ordinal", "text", "citation", "automatic", "hard", "needs_file", "from_year", "to_year", "source"),
        _compliance_item,
    ),
)  # fmt: skip
