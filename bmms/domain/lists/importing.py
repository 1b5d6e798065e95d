"""A whole list from a CSV text: what is new is added, what is known by its code or name gets the words of the file."""

from collections.abc import Callable
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain.actors import Actor
from bmms.domain.cells import BadCell, CellsRefused, bad_cells, rows_of
from bmms.domain.errors import RuleBroken
from bmms.domain.lists import actions
from bmms.domain.permissions import Permission
from bmms.domain.reference.object_codes import digits_of
from bmms.models.lists import AlignmentCode, AlignmentList, Theme, UnitOfMeasure
from bmms.models.reference import ObjectCode

COLUMNS: dict[type, tuple[str, ...]] = {
    Theme: ("code", "title"),
    AlignmentCode: ("code", "title"),
    UnitOfMeasure: ("name", "counts_people"),
    ObjectCode: ("code", "title", "valid_from", "valid_to"),
}
YES = {"yes": True, "no": False, "": False}


def import_list(
    session: Session, actor: Actor, model: type, text: str, of: AlignmentList | None = None
) -> tuple[int, int]:
    """Take over the rows of a file, all of them or none. Entries that the file does not name stay as they are.

    Args:
        of: the list to which alignment codes belong.

    Returns:
        how many entries were added, and how many got other words.

    Raises:
        CellsRefused: nothing was imported; it names each wrong cell.
        RuleBroken: nothing was imported, because the file is no CSV with these columns, or is too long.
    """
    actor.require(Permission.LIST_CHANGE)
    columns = COLUMNS[model]
    known = {_key(model, getattr(entry, columns[0])): entry for entry in session.scalars(_present(model, of))}
    rows: dict[str, int] = {}
    problems: list[BadCell] = []
    added = changed = 0
    with session.begin_nested():
        for row in rows_of(text, columns):
            key = _key(model, row.cells[columns[0]])
            try:
                if key in rows:
                    raise RuleBroken(f"It stands in row {rows[key]} already.", field=columns[0])
                rows[key] = row.number
                answers = {name: READ[name](row.cells[name]) for name in columns}
                if entry := known.get(key):
                    before = actions.seen_of(entry)
                    actions.change(session, actor, entry, answers)
                    changed += actions.seen_of(entry) != before
                else:
                    actions.add(session, actor, model(**answers, **({"list_id": of.id} if of else {})))
                    added += 1
            except RuleBroken as wrong:
                problems += bad_cells(row, wrong.fields)
        if problems:
            raise CellsRefused(problems, columns)
    return added, changed


def _present(model: Any, of: AlignmentList | None) -> Any:
    return select(model).where(model.list_id == of.id) if of else select(model)


def _key(model: type, text: str) -> str:
    return digits_of(text) if model is ObjectCode else " ".join(text.split()).lower()


def _yes(text: str) -> bool:
    """A cell that says yes or no; empty is no."""
    if (word := text.strip().lower()) not in YES:
        raise RuleBroken(f"Must be yes or no, not {text.strip()[:40]!r}.", field="counts_people")
    return YES[word]


def _day(column: str) -> Callable[[str], date | None]:
    """A cell that holds a day, or nothing."""

    def read(text: str) -> date | None:
        try:
            return date.fromisoformat(text.strip()) if text.strip() else None
        except ValueError:
            raise RuleBroken(f"Must be a day like 2027-01-01, not {text.strip()[:40]!r}.", field=column) from None

    return read


READ: dict[str, Callable[[str], Any]] = {
    "code": str,
    "title": str,
    "name": str,
    "counts_people": _yes,
    "valid_from": _day("valid_from"),
    "valid_to": _day("valid_to"),
}
