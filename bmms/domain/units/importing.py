"""Many units at once, from a CSV text with the columns name, code and parent: all of them or none."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain.actors import Actor
from bmms.domain.cells import BadCell, CellsRefused, bad_cells, rows_of
from bmms.domain.errors import RuleBroken
from bmms.domain.permissions import Permission
from bmms.domain.reference.rows import Row
from bmms.domain.units.actions import create_unit
from bmms.models.organizations import Unit

COLUMNS = ("name", "code", "parent")


def import_units(session: Session, actor: Actor, text: str) -> list[Unit]:
    """Make a unit of each row. `parent` is the name or code of a unit that exists, or of another row, in any order.

    Raises:
        CellsRefused: nothing was imported; it names each wrong cell.
        RuleBroken: nothing was imported, because the file is no CSV with these columns, or is too long.
    """
    actor.require(Permission.UNIT_CHANGE)
    waiting = rows_of(text, COLUMNS)
    with session.begin_nested():
        made, problems = _make(session, actor, waiting)
        if problems:
            raise CellsRefused(problems, COLUMNS)
    return made


def _make(session: Session, actor: Actor, waiting: list[Row]) -> tuple[list[Unit], list[BadCell]]:
    """Parents before children: each round makes the rows whose parent is there, until a round makes none."""
    made: list[Unit] = []
    problems: list[BadCell] = []
    known = _known(session)
    listed = {_key(row, column) for row in waiting for column in ("name", "code")}
    while ready := [row for row in waiting if not _key(row, "parent") or _key(row, "parent") in known]:
        for row in ready:
            try:
                parent_id = known[_key(row, "parent")] if _key(row, "parent") else None
                unit = create_unit(session, actor, name=row.cells["name"], code=row.cells["code"], parent_id=parent_id)
            except RuleBroken as wrong:
                problems += bad_cells(row, wrong.fields)
            else:
                made.append(unit)
                known |= _names(unit)
        waiting = [row for row in waiting if row not in ready]
    for row in waiting:
        parent = row.cells["parent"].strip()
        why = "could not be made: its row is wrong, or the two lie in each other"
        reason = why if _key(row, "parent") in listed else "is neither here nor in this file"
        problems += bad_cells(row, {"parent": f"The unit {parent}, in which this one lies, {reason}."})
    return made, problems


def _key(row: Row, column: str) -> str:
    return " ".join(row.cells[column].split()).lower()


def _known(session: Session) -> dict[str, int]:
    known: dict[str, int] = {}
    for unit in session.scalars(select(Unit)):
        known |= _names(unit)
    return known


def _names(unit: Unit) -> dict[str, int]:
    return {name.lower(): unit.id for name in (unit.code, unit.name) if name}
